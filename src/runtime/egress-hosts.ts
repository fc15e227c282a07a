import type { EgressBrief } from '../actors/egress.ts';
import type { Alone } from './alone.ts';
import type { Clock } from '../clock.ts';
import { type EgressInfo, type EgressOrder, foundFor, shownOrder } from '../egress.ts';
import type { EgressContext, EgressInput } from '../machines/egress/context.ts';
import type { EgressMachine } from '../machines/egress/egress.machine.ts';
import { createEgressHost, type EgressHost } from './egress-host.ts';
import type { EgressRecord, EgressStore } from './egress-store.ts';
import type { EgressView } from './egress-view.ts';

export interface EgressHostsOptions {
  readonly machineOf: (brief: EgressBrief) => EgressMachine;
  readonly store: EgressStore;
  readonly alone: Pick<Alone, 'leads'>;
  readonly clock: Clock;
  /** Told of each that came to a bad end, or of which nobody knows. */
  readonly troubled?: (view: EgressView) => void;
}

/** The egresses that go on, each with its machine. */
export interface EgressHosts {
  /** Why there may be no more of them now. */
  full(): string | undefined;
  get(id: string): EgressHost | undefined;
  ofCall(callKey: string): EgressHost | undefined;
  all(): readonly EgressHost[];
  /** Asks for a new one. `failed` is told what LiveKit answered instead of a beginning. */
  begin(
    order: EgressOrder,
    about: { readonly id: string; readonly callKey?: string },
    failed?: (error: unknown) => void,
  ): EgressHost;
  /** Goes on with one of another process, or says which one does so here already; `undefined`: it is over, or this process ends. */
  takeUp(record: EgressRecord): EgressHost | undefined;
  /** The one that LiveKit speaks of, also when that is the first that is heard of it. */
  meantBy(info: EgressInfo): EgressHost | undefined;
  /** Lets go of all of them here; they go on at LiveKit. */
  close(): Promise<void>;
}

/** Longer than two looks. Who looks for all and dies is followed by whoever looks next. */
const watchMs = 40_000;
const most = 500;
/** LiveKit's ids of egresses that are over: they are not taken for others. */
const mostPast = 2_000;

const troubles: readonly EgressView['state'][] = ['refused', 'unknown', 'lost', 'failed', 'aborted'];

export function createEgressHosts({ machineOf, store, alone, clock, troubled }: EgressHostsOptions): EgressHosts {
  const hosts = new Map<string, EgressHost>();
  const past = new Set<string>();
  const closing = new AbortController();
  const all = () => [...hosts.values()];
  const isTaken = (egressId: string) => past.has(egressId) || all().some((host) => host.info()?.egressId === egressId);
  const isFor = (host: EgressHost, info: EgressInfo) => {
    const { source, outputs, askedAt } = host.view();
    return host.info() === undefined && foundFor({ source, outputs }, askedAt, [info], isTaken) !== undefined;
  };

  /**
   * The recording of a call is its owner's. Of any other one instance asks LiveKit, and the others ask the store; what nobody has
   * found yet each looks for.
   */
  async function elsewhere({ id, callKey }: EgressInput): Promise<EgressInfo | 'ours'> {
    if (callKey !== undefined || (await alone.leads(`egress:${id}`, watchMs))) return 'ours';
    return ((await store.get(id))?.context as EgressContext | undefined)?.info ?? 'ours';
  }
  function open(input: EgressInput, brief: Pick<EgressBrief, 'order' | 'failed'>, record?: EgressRecord): EgressHost {
    const host: EgressHost = createEgressHost({
      input,
      ...(record && { record }),
      machineOf,
      brief: {
        ...brief,
        find: (list) => foundFor(input.order, input.askedAt, list, isTaken),
        elsewhere: () => elsewhere(input),
      },
      clock,
      store,
      over: () => forget(host),
    });
    hosts.set(input.id, host);
    return host;
  }
  function forget(host: EgressHost): void {
    hosts.delete(host.id);
    const view = host.view();
    if (troubles.includes(view.state)) troubled?.(view);
    if (view.egressId !== undefined) past.add(view.egressId);
    for (const oldest of past) {
      if (past.size <= mostPast) break;
      past.delete(oldest);
    }
  }

  return {
    full: () => (hosts.size >= most ? `there are ${most} egresses already` : undefined),
    get: (id) => hosts.get(id),
    ofCall: (callKey) => all().find((host) => host.callKey === callKey),
    all,
    begin: (order, about, failed = () => undefined) =>
      open({ ...about, order: shownOrder(order), askedAt: clock.now() }, { order: () => order, failed }),
    takeUp(record) {
      const here = hosts.get(record.id);
      if (here || record.over || closing.signal.aborted) return here;
      const { id, order, askedAt, callKey } = record.context as EgressContext;
      const input = { id, order, askedAt, ...(callKey !== undefined && { callKey }) };
      return open(input, { order: () => undefined, failed: () => undefined }, record);
    },
    meantBy: (info) =>
      all().find((host) => host.info()?.egressId === info.egressId) ?? all().find((host) => isFor(host, info)),
    async close() {
      closing.abort();
      await Promise.all(all().map((host) => host.close()));
    },
  };
}
