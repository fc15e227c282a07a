import type { Clock } from '../clock.ts';
import type { EgressInfo, EgressOrder } from '../egress.ts';
import type { Failure } from '../failure.ts';
import { leaf, type Stamped } from './leaf.ts';

/** LiveKit's recorder. What fails rejects with an error that has `failure` and `maybeDone`; nothing is tried twice. */
export interface Egress {
  /** Begins one. Without a recorder to take it LiveKit answers only after 25 s; `maybeDone` then says that nobody knows. */
  start(order: EgressOrder): Promise<EgressInfo>;
  /** The one of this id, those of a room, or all that go on. */
  list(which: { readonly egressId: string } | { readonly room: string }): Promise<readonly EgressInfo[]>;
  stop(egressId: string): Promise<EgressInfo>;
  updateLayout(egressId: string, layout: string): Promise<EgressInfo>;
  /** Addresses to send to as well, and no longer. */
  updateStream(
    egressId: string,
    urls: { readonly add: readonly string[]; readonly remove: readonly string[] },
  ): Promise<EgressInfo>;
}

/** What one egress is asked for with; kept by its holder, since addresses hold keys. */
export interface EgressBrief {
  /** Undefined after a restart: then nothing may be asked for again. */
  readonly order: () => EgressOrder | undefined;
  /** True when the intention is stored. */
  readonly committed: () => Promise<boolean>;
  /** Told what was answered, or thrown, instead of a beginning. */
  readonly failed: (error: unknown) => void;
  /** The egress that came of it, among those that LiveKit lists. */
  readonly find: (list: readonly EgressInfo[]) => EgressInfo | undefined;
  /** What is known of it by the instance that looks at LiveKit for all; `ours`: this one is to look. */
  readonly elsewhere: () => Promise<EgressInfo | 'ours'>;
}

type Nothing = { readonly type: 'none' };

type Told = { readonly type: 'egress.told'; readonly info: EgressInfo };
type Started =
  | Told
  /** LiveKit did not begin it. */
  | { readonly type: 'egress.refused'; readonly failure: Failure }
  /** It may have been begun. */
  | { readonly type: 'egress.unanswered'; readonly failure: Failure };
type Looked = Told | { readonly type: 'egress.absent' } | { readonly type: 'egress.unseen'; readonly failure: Failure };
type Stopped =
  | Told
  | { readonly type: 'egress.stop_taken' }
  | { readonly type: 'egress.stop_failed'; readonly failure: Failure };

export type EgressFact = Stamped<Started | Looked | Stopped>;

/** Asks for an egress once, when that is stored. Reports once. */
export const startEgress = (egress: Egress, brief: EgressBrief, clock: Clock) =>
  leaf<Started, Nothing, undefined>(clock, ({ signal, report }) => {
    void begin(egress, brief, signal).then(report, (error: unknown) => {
      brief.failed(error);
      const { failure, maybeDone } = troubleOf(error);
      report({ type: maybeDone ? 'egress.unanswered' : 'egress.refused', failure });
    });
  });

async function begin(egress: Egress, { order, committed }: EgressBrief, signal: AbortSignal): Promise<Started> {
  const wanted = order();
  if (!(await committed()) || signal.aborted || !wanted)
    return { type: 'egress.refused', failure: ourOwn('it was not begun: it could not be noted beforehand') };
  return { type: 'egress.told', info: await egress.start(wanted) };
}

/** Looks whether it is there: at LiveKit, or at what the instance that does so has stored. Reports once. */
export const findEgress = (egress: Egress, brief: EgressBrief, clock: Clock) =>
  leaf<Looked, Nothing, { readonly room: string; readonly egressId?: string }>(clock, ({ input, report }) => {
    void look(egress, brief, input).then(report, (error: unknown) =>
      report({ type: 'egress.unseen', failure: troubleOf(error).failure }),
    );
  });

async function look(
  egress: Egress,
  brief: EgressBrief,
  { room, egressId }: { readonly room: string; readonly egressId?: string },
): Promise<Looked> {
  const seen = await brief.elsewhere();
  if (seen !== 'ours') return { type: 'egress.told', info: seen };
  const list = await egress.list(egressId === undefined ? { room } : { egressId });
  const info = egressId === undefined ? brief.find(list) : list.find((each) => each.egressId === egressId);
  return info ? { type: 'egress.told', info } : { type: 'egress.absent' };
}

/** Ends it. What LiveKit says of it then is reported before that it was taken. */
export const stopEgress = (egress: Egress, clock: Clock) =>
  leaf<Stopped, Nothing, { readonly egressId: string }>(clock, ({ input, report }) => {
    const taken = (info: EgressInfo) =>
      [{ type: 'egress.told', info } as const, { type: 'egress.stop_taken' } as const].forEach(report);
    void egress
      .stop(input.egressId)
      .then(taken, (error: unknown) => report({ type: 'egress.stop_failed', failure: troubleOf(error).failure }));
  });

/** An error that says nothing of its own is one of ours: then nobody knows what was done. */
function troubleOf(error: unknown): { readonly failure: Failure; readonly maybeDone: boolean } {
  const { failure, maybeDone } = (error ?? {}) as { readonly failure?: Failure; readonly maybeDone?: boolean };
  return failure ? { failure, maybeDone: maybeDone ?? false } : { failure: ourOwn(String(error)), maybeDone: true };
}

const ourOwn = (message: string): Failure => ({
  vendor: 'livekit',
  phase: 'rest',
  class: 'api',
  sub: 'config',
  retryable: false,
  message: message.slice(0, 300),
});
