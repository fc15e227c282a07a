import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';

/** A caller whom LiveKit has in a room. */
export interface ListedCaller {
  readonly room: string;
  /** SID of the participant. */
  readonly sid: string;
  readonly identity: string;
  readonly kind: 'sip' | 'standard';
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * What is to be put right. `join`: nobody told of this caller · `unserved`: a caller has a call, and nobody is in the room for it ·
 * `unlisted`: a call's caller has not been in its room for a while.
 */
export type Repair =
  | { readonly kind: 'join'; readonly caller: ListedCaller }
  | { readonly kind: 'unserved'; readonly callKey: string }
  | { readonly kind: 'unlisted'; readonly callKey: string };

/** In how many looks something was so, by name. */
export type Counts = Readonly<Record<string, number>>;

export interface Absence {
  /** ms since 1970. */
  readonly since: number;
  /** LiveKit had the caller in the room before. */
  readonly wasThere: boolean;
  readonly told: boolean;
}

/** What earlier looks found; plain JSON, no more of it than there are rooms, callers and calls. */
export interface SweepMemory {
  /** When each room was looked into last, ms since 1970. */
  readonly lookedAt: Readonly<Record<string, number>>;
  /** Callers without a call, by SID. */
  readonly uncalled: Counts;
  /** Calls whose caller has nobody to talk to, by key. */
  readonly unserved: Counts;
  /** Calls whose caller is in the room, by key. */
  readonly there: Counts;
  /** Calls whose caller is not, by key. */
  readonly absent: Readonly<Record<string, Absence>>;
  /** Rooms without a call. */
  readonly idle: Counts;
  /** When LiveKit last gave no answer, ms since 1970. */
  readonly troubledAt?: number;
}

export const blankMemory: SweepMemory = { lookedAt: {}, uncalled: {}, unserved: {}, there: {}, absent: {}, idle: {} };

/** What a look at LiveKit's rooms, held against our calls, comes to. */
export interface Comparison {
  readonly memory: SweepMemory;
  readonly repairs: readonly Repair[];
  /** Rooms that have had no call for a while: a dead server may have left them behind. */
  readonly idle: readonly string[];
  /** So many calls lost their callers at once that the lists are not believed: no `unlisted` is in `repairs`. */
  readonly vanished: boolean;
}

/** Holds LiveKit's rooms against our calls. */
export interface Reconciliation {
  /** Rejects when LiveKit, or the store, gave no answer. */
  look(memory: SweepMemory): Promise<Comparison>;
  /** Safe to repeat. Rejects when it could not be done: it is found again. */
  repair(repair: Repair): Promise<void>;
  /** Ends the room if it is none any more, and nobody's call is in it. Rejects when that could not be done. */
  clear(room: string): Promise<void>;
}

type Looked = { readonly type: 'rooms.compared'; readonly comparison: Comparison } | { readonly type: 'rooms.unseen' };
type Repaired =
  | { readonly type: 'rooms.repaired'; /** What could not be done. */ readonly undone: readonly Repair[] }
  | { readonly type: 'rooms.cleared' };

export type ReconcileFact = Stamped<Looked | Repaired>;

type Nothing = { type: 'none' };

/** Looks once at all rooms. Reports once. */
export const compareRooms = ({ look }: Pick<Reconciliation, 'look'>, clock: Clock) =>
  leaf<Looked, Nothing, { readonly memory: SweepMemory }>(clock, ({ input, report }) => {
    void look(input.memory).then(
      (comparison) => report({ type: 'rooms.compared', comparison }),
      () => report({ type: 'rooms.unseen' }),
    );
  });

/** Does what was found to be done, side by side: no look finds much. Reports once, when all of it is done or could not be. */
export const repairCalls = ({ repair }: Pick<Reconciliation, 'repair'>, clock: Clock) =>
  leaf<Repaired, Nothing, { readonly repairs: readonly Repair[] }>(clock, ({ input, report }) => {
    const { repairs } = input;
    const undoneBy = (ends: readonly PromiseSettledResult<void>[]) =>
      repairs.filter((_, at) => ends[at]!.status === 'rejected');
    void Promise.allSettled(repairs.map(repair)).then((ends) =>
      report({ type: 'rooms.repaired', undone: undoneBy(ends) }),
    );
  });

/** Ends rooms that a dead server left behind, side by side. Reports once, when all are dealt with. */
export const clearRooms = ({ clear }: Pick<Reconciliation, 'clear'>, clock: Clock) =>
  leaf<Repaired, Nothing, { readonly rooms: readonly string[] }>(clock, ({ input, report }) => {
    void Promise.allSettled(input.rooms.map(clear)).then(() => report({ type: 'rooms.cleared' }));
  });
