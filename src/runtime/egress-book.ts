import type { Egress } from '../actors/egress.ts';
import type { Recorder } from '../actors/record.ts';
import { type EgressInfo, type EgressRequest, foundFor, hasEnded, orderOf, type Storages } from '../egress.ts';
import type { EgressContext } from '../machines/egress/context.ts';
import { createCallRecorder, type RecordedCall } from './call-recorder.ts';
import { notPassedOn } from './control-error.ts';
import { laidOut, type StreamChange, streamsOf } from './egress-changes.ts';
import type { EgressHost } from './egress-host.ts';
import { createEgressHosts, type EgressHosts, type EgressHostsOptions } from './egress-hosts.ts';
import type { EgressStore, KeptEgress } from './egress-store.ts';
import { type EgressView, viewOf } from './egress-view.ts';
import type { Limits } from './limits.ts';
import { withPatience } from './pause.ts';

/** Egresses as the door sees them. What fails rejects with a `ControlError`; `undefined`: there is no such egress. */
export interface Egresses {
  /** Resolves when LiveKit has begun it, or when that is not known within 5 s (`asking`) or at all (`finding`). */
  start(request: EgressRequest): Promise<EgressView>;
  list(options: { readonly limit: number; readonly before?: number }): Promise<EgressPage>;
  get(id: string): Promise<EgressView | undefined>;
  /** It ends as soon as it can be ended; the view may still say that it goes on. Idempotent. */
  stop(id: string): Promise<EgressView | undefined>;
  changeLayout(id: string, layout: string): Promise<EgressView | undefined>;
  changeStreams(id: string, change: StreamChange): Promise<EgressView | undefined>;
}

export interface EgressPage {
  readonly egresses: readonly EgressView[];
  /** Cursor of the next page, when there may be one. */
  readonly next?: number;
}

/** The egresses that this instance asked for, from the intention to their end. */
export interface EgressBook extends Egresses {
  /** LiveKit tells of an egress, ours or not. Resolves when it is stored; rejects when it could not be. */
  told(info: EgressInfo): Promise<'stored' | 'ignored'>;
  /** Keeps the sound of one call. */
  recorder(call: RecordedCall): Recorder;
  /** The call is over, and with it its recording. */
  callEnded(callKey: string): void;
  recordingOf(callKey: string): Promise<EgressView | undefined>;
  /** Lets go of all of them here; they go on at LiveKit. */
  close(): Promise<void>;
}

interface EgressBookOptions extends EgressHostsOptions {
  readonly egress: Egress;
  readonly storages: Storages;
  /** Not to be guessed, at least 96 bits, of letters, digits, - and _. */
  readonly newId: () => string;
  /** What recovery has switched off: a call then goes on without being recorded. */
  readonly limits: Limits;
}

/**
 * Takes up the egresses of an earlier process, but recordings only of calls that are over (not among `calls`, asked for once the egresses
 * are known), to end them: those of the others are taken up with their calls, wherever those go on.
 */
export async function openEgressBook(
  options: EgressBookOptions,
  calls: () => Promise<ReadonlySet<string>>,
): Promise<EgressBook> {
  const hosts = createEgressHosts(options);
  const records = await options.store.open();
  const open = await calls();
  for (const record of records) {
    if (record.callKey === undefined) hosts.takeUp(record);
    else if (!open.has(record.callKey)) hosts.takeUp(record)?.stop();
  }
  return bookOf(options, hosts);
}

function bookOf(options: EgressBookOptions, hosts: EgressHosts): EgressBook {
  const { egress, store } = options;
  const shown = (kept: KeptEgress | undefined) => kept && (hosts.get(kept.id)?.view() ?? viewOf(kept));
  const get = async (id: string) => hosts.get(id)?.view() ?? shown(await store.get(id));

  /** Another instance may have begun it. */
  const going = async (id: string) => hosts.get(id) ?? takenUp(hosts, await store.get(id));

  /** Of one that goes on LiveKit is asked for something else. */
  async function change(id: string, asking: (egressId: string, view: EgressView) => Promise<EgressInfo>) {
    const host = await going(id);
    const view = host?.view() ?? (await get(id));
    if (!host && view) throw notPassedOn('refused', 'id: this egress is over', 'id');
    if (!host || !view) return undefined;
    if (view.egressId === undefined)
      throw notPassedOn('refused', 'id: it is not known yet whether LiveKit has begun this egress', 'id');
    await host.told(await asking(view.egressId, view));
    return host.view();
  }

  return {
    start: (request) => start(options, hosts, request),
    async list(page) {
      const kept = await store.list(page);
      const next = kept.length === page.limit ? kept.at(-1)?.position : undefined;
      return { egresses: kept.flatMap((each) => shown(each) ?? []), ...(next !== undefined && { next }) };
    },
    get,
    async stop(id) {
      (await going(id))?.stop();
      return get(id);
    },
    changeLayout: (id, layout) =>
      change(id, async (egressId, view) => egress.updateLayout(egressId, laidOut(layout, view))),
    changeStreams: (id, given) =>
      change(id, async (egressId, view) => egress.updateStream(egressId, streamsOf(given, view))),
    async told(info) {
      const host = hosts.meantBy(info) ?? (await leftBehind(store, hosts, info));
      if (!host) return 'ignored';
      if (!(await host.told(info))) throw new Error('what LiveKit says of an egress could not be stored');
      return 'stored';
    },
    recorder: (call) => createCallRecorder({ ...options, hosts }, call),
    callEnded: (callKey) => stopRecording(options, hosts, callKey),
    recordingOf: async (callKey) => hosts.ofCall(callKey)?.view() ?? shown(await store.ofCall(callKey)),
    close: hosts.close,
  };
}

const takenUp = (hosts: EgressHosts, kept: KeptEgress | undefined): EgressHost | undefined =>
  kept && hosts.takeUp(kept);

/** One that ends while nobody here follows it: whoever did may be gone. Before its end it is left to them. */
async function leftBehind(
  store: Pick<EgressStore, 'open'>,
  hosts: EgressHosts,
  info: EgressInfo,
): Promise<EgressHost | undefined> {
  if (!hasEnded(info.status)) return undefined;
  const open = await store.open();
  return takenUp(
    hosts,
    open.find(({ context }) => isAbout(context as EgressContext, info)),
  );
}

const isAbout = ({ info, order, askedAt }: EgressContext, told: EgressInfo): boolean =>
  info ? info.egressId === told.egressId : foundFor(order, askedAt, [told], () => false) !== undefined;

/** Its earlier owner may have begun it, in another process. A store that does not answer leaves it to the next start of an instance. */
function stopRecording({ store }: Pick<EgressBookOptions, 'store'>, hosts: EgressHosts, callKey: string): void {
  const here = hosts.ofCall(callKey);
  if (here) return here.stop();
  void store.ofCall(callKey).then(
    (kept) => takenUp(hosts, kept)?.stop(),
    () => undefined,
  );
}

async function start(options: EgressBookOptions, hosts: EgressHosts, request: EgressRequest): Promise<EgressView> {
  const { newId, storages, clock } = options;
  const full = hosts.full();
  if (full) throw notPassedOn('limit', full);
  const id = newId();
  const order = orderOf(request, id, storages);
  if ('field' in order) throw notPassedOn('invalid', `${order.field}: ${order.message}`, order.field);
  let trouble: unknown;
  const host = hosts.begin(order, { id }, (error) => (trouble = error));
  await withPatience(host.asked, clock, patienceMs);
  const view = host.view();
  if (view.state !== 'refused') return view;
  throw trouble ?? notPassedOn('limit', view.why ?? 'it could not be noted beforehand');
}

/** Whoever asks is not kept waiting for as long as LiveKit may take. */
const patienceMs = 5_000;
