import type { Egress, EgressBrief } from '../actors/egress.ts';
import type { Recorder, RecorderFact, RecordingWish } from '../actors/record.ts';
import type { Clock } from '../clock.ts';
import {
  callOrder,
  type EgressInfo,
  type EgressOrder,
  type EgressRequest,
  foundFor,
  orderOf,
  roomOf,
  shownOrder,
  type Storages,
} from '../egress.ts';
import type { EgressContext, EgressInput } from '../machines/egress/context.ts';
import type { EgressMachine } from '../machines/egress/egress.machine.ts';
import { notPassedOn } from './control-error.ts';
import { createEgressHost, type EgressHost } from './egress-host.ts';
import type { EgressRecord, EgressStore } from './egress-store.ts';
import { type EgressView, viewOf } from './egress-view.ts';
import { recordingFact } from './recording-fact.ts';
import { laidOut, type StreamChange, streamsOf } from './egress-changes.ts';

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
  recorder(call: { readonly callKey: string; readonly room: string }): Recorder;
  /** The call is over, and with it its recording. */
  callEnded(callKey: string): void;
  recordingOf(callKey: string): Promise<EgressView | undefined>;
  /** Lets go of all of them here; they go on at LiveKit. */
  close(): Promise<void>;
}

interface EgressBookOptions {
  readonly egress: Egress;
  readonly machineOf: (brief: EgressBrief) => EgressMachine;
  readonly store: EgressStore;
  readonly storages: Storages;
  /** Not to be guessed, at least 96 bits, of letters, digits, - and _. */
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Egresses at once. */
const most = 500;
/** LiveKit's ids of egresses that are over: they are not taken for others. */
const mostPast = 2_000;

/** Takes up the egresses of an earlier process; those of calls that are over (not among `calls`) are ended. */
export async function openEgressBook(options: EgressBookOptions, calls: ReadonlySet<string>): Promise<EgressBook> {
  const book = createBook(options);
  for (const record of await options.store.open()) book.takeUp(record);
  book.endAllBut(calls);
  return book;
}

function createBook({ egress, machineOf, store, storages, newId, clock }: EgressBookOptions) {
  const hosts = new Map<string, EgressHost>();
  const past = new Set<string>();
  const live = () => [...hosts.values()];
  const ofCall = (callKey: string) => live().find((host) => host.callKey === callKey);
  const isTaken = (egressId: string) => past.has(egressId) || live().some((host) => host.info()?.egressId === egressId);

  function host(
    input: EgressInput,
    given: { readonly record?: EgressRecord; readonly order?: EgressOrder; readonly failed?: (error: unknown) => void },
  ) {
    const { record, order, failed } = given;
    const find = (list: readonly EgressInfo[]) => foundFor(input.order, input.askedAt, list, isTaken);
    const created = createEgressHost({
      input,
      ...(record && { record }),
      machineOf,
      brief: { order: () => order, find, failed: (error) => failed?.(error) },
      clock,
      store,
      over: () => forget(created),
    });
    hosts.set(input.id, created);
    return created;
  }
  function forget(host: EgressHost): void {
    hosts.delete(host.id);
    const egressId = host.info()?.egressId;
    if (egressId !== undefined) past.add(egressId);
    for (const oldest of past) {
      if (past.size <= mostPast) break;
      past.delete(oldest);
    }
  }
  const begin = (
    order: EgressOrder,
    id: string,
    more: { readonly callKey?: string },
    failed?: (error: unknown) => void,
  ) => host({ id, order: shownOrder(order), askedAt: clock.now(), ...more }, { order, ...(failed && { failed }) });

  async function follow(
    call: { callKey: string; room: string },
    wish: RecordingWish,
    signal: AbortSignal,
    report: (fact: RecorderFact) => void,
  ) {
    const kept = ofCall(call.callKey) ? undefined : await store.ofCall(call.callKey);
    if (signal.aborted) return;
    const tell = (view: EgressView) => {
      const fact = recordingFact(view);
      if (fact && !signal.aborted) report(fact);
    };
    const running = ofCall(call.callKey);
    if (running) return running.follow(signal, tell);
    if (kept) return tell(viewOf(kept));
    const id = newId();
    const order =
      hosts.size >= most ? { field: 'calls', message: full } : callOrder({ ...wish, room: call.room }, id, storages);
    if ('field' in order)
      return report({ type: 'recording.ended', ok: false, why: `${order.field}: ${order.message}` });
    begin(order, id, { callKey: call.callKey }).follow(signal, tell);
  }

  const get = async (id: string): Promise<EgressView | undefined> => {
    const running = hosts.get(id);
    if (running) return running.view();
    const kept = await store.get(id);
    return kept && viewOf(kept);
  };
  /** Of one that goes on LiveKit is asked for something else. */
  async function change(
    id: string,
    asking: (egressId: string, view: EgressView) => Promise<EgressInfo>,
  ): Promise<EgressView | undefined> {
    const running = hosts.get(id);
    if (!running) {
      if (!(await get(id))) return undefined;
      throw notPassedOn('refused', 'id: this egress is over', 'id');
    }
    const egressId = running.info()?.egressId;
    if (egressId === undefined)
      throw notPassedOn('refused', 'id: it is not known yet whether LiveKit has begun this egress', 'id');
    await running.told(await asking(egressId, running.view()));
    return running.view();
  }

  return {
    async start(request) {
      if (hosts.size >= most) throw notPassedOn('limit', full);
      const id = newId();
      const order = orderOf(request, id, storages);
      if ('field' in order) throw notPassedOn('invalid', `${order.field}: ${order.message}`, order.field);
      let trouble: unknown;
      const begun = begin(order, id, {}, (error) => (trouble = error));
      await withPatience(begun.asked, clock);
      const view = begun.view();
      if (view.state === 'refused')
        throw trouble ?? notPassedOn('limit', view.why ?? 'it could not be noted beforehand');
      return view;
    },
    async list(page) {
      const kept = await store.list(page);
      const egresses = kept.map((each) => hosts.get(each.id)?.view() ?? viewOf(each));
      const next = kept.length === page.limit ? kept.at(-1)?.position : undefined;
      return { egresses, ...(next !== undefined && { next }) };
    },
    get,
    async stop(id) {
      hosts.get(id)?.stop();
      return get(id);
    },
    changeLayout: async (id, given) =>
      change(id, (egressId, view) => egress.updateLayout(egressId, laidOut(given, view))),
    changeStreams: async (id, given) =>
      change(id, (egressId, view) => egress.updateStream(egressId, streamsOf(given, view))),
    async told(info) {
      const known = live().find((each) => each.info()?.egressId === info.egressId);
      const meant = known ?? live().find((each) => each.info() === undefined && isFor(each, info));
      if (!meant) return 'ignored';
      if (!(await meant.told(info))) throw new Error('what LiveKit says of an egress could not be stored');
      return 'stored';
    },
    recorder: (call) => ({
      follow: (wish, { signal }, report) =>
        void follow(call, wish, signal, report).catch(() => {
          if (!signal.aborted) report({ type: 'recording.ended', ok: false, why: 'the store did not answer' });
        }),
      stop: () => ofCall(call.callKey)?.stop(),
    }),
    callEnded: (callKey) => ofCall(callKey)?.stop(),
    async recordingOf(callKey) {
      const running = ofCall(callKey);
      if (running) return running.view();
      const kept = await store.ofCall(callKey);
      return kept && viewOf(kept);
    },
    takeUp(record: EgressRecord) {
      const { id, order, askedAt, callKey } = record.context as EgressContext;
      host({ id, order, askedAt, ...(callKey !== undefined && { callKey }) }, { record });
    },
    endAllBut(calls: ReadonlySet<string>) {
      for (const each of live()) if (each.callKey !== undefined && !calls.has(each.callKey)) each.stop();
    },
    async close() {
      await Promise.all(live().map((each) => each.close()));
    },
  } satisfies EgressBook & Record<string, unknown>;

  function isFor(host: EgressHost, info: EgressInfo): boolean {
    const { source, outputs, askedAt } = host.view();
    return info.room === roomOf(source) && foundFor({ source, outputs }, askedAt, [info], isTaken) !== undefined;
  }
}

const full = `there are ${most} egresses already`;

/** Whoever asks is not kept waiting for as long as LiveKit may take. */
const patienceMs = 5_000;

async function withPatience(asked: Promise<void>, clock: Clock): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = clock.setTimeout(late.resolve, patienceMs);
  await Promise.race([asked, late.promise]);
  clock.clearTimeout(timer);
}
