import type { Caller } from '../actors/room.ts';

/** A call out as it was asked for. */
export interface DialOrder {
  readonly room: string;
  /** Name of the agent that talks. */
  readonly agent: string;
  /** E.164. */
  readonly to: string;
  readonly from?: string;
  readonly ringMs: number;
  /** For the agent, as JSON. */
  readonly input?: string;
}

/** With when it was asked for, ms since 1970. */
export type DatedOrder = DialOrder & { readonly orderedAt: number };

/** What the door learned about a call; waits in the call's mailbox until its host takes it up. */
export type CallFact =
  | { readonly type: 'door.caller_joined'; readonly room: string; readonly caller: Caller }
  /** `sid` is the leg that left; another one of the same caller may be there by now. */
  | { readonly type: 'door.caller_left'; readonly sid: string; readonly reason: string }
  | { readonly type: 'door.room_finished' }
  /** LiveKit answered again and again for a while, and did not have this leg in its room: nobody told that it left. */
  | { readonly type: 'door.caller_unlisted'; readonly sid: string }
  /** We are to call. Comes first in its mailbox. */
  | { readonly type: 'door.dial_asked'; readonly order: DialOrder };

export interface CallEvent {
  /**
   * By what happened, such as `joined:PA_1`, so that whoever tells of it, and however often, it counts once for its call within
   * 24 h.
   */
  readonly id: string;
  readonly callKey: string;
  /** When it came, ms since 1970. */
  readonly at: number;
  readonly fact: CallFact;
}

/** `position` grows within a call's mailbox. */
export interface Mail {
  readonly position: number;
  readonly event: CallEvent;
}

export interface SavedTimer {
  readonly id: string;
  /** The event the timer will send, with XState's own type for `after`. */
  readonly event: { readonly type: string };
  /** ms since 1970. */
  readonly dueAt: number;
  /** `wall`: re-armed to its deadline after a restore. `conversational`: from zero, so that an outage never hangs up. */
  readonly kind: 'wall' | 'conversational';
}

/** All that is saved of a live call: plain JSON, no children. */
export interface CallRecord {
  readonly callKey: string;
  /** Machine id and version this record can be restored by. */
  readonly machine: string;
  readonly version: string;
  /** Grows with each commit of one epoch; a repeat of the stored one is taken as the same commit. */
  readonly seq: number;
  readonly epoch: number;
  /** The LiveKit this call lives on, whatever new calls use. */
  readonly livekitHost: string;
  readonly room: string;
  /** ms since 1970. */
  readonly savedAt: number;
  /** State value and context of the machine, as they came from its snapshot. */
  readonly value: unknown;
  readonly context: unknown;
  readonly timers: readonly SavedTimer[];
  /** Position of the last mail this state has taken in; mail up to it is forgotten. 0: none. */
  readonly mailCursor: number;
}

/** A call that has not ended: one with a record, or one whose caller joined and nobody began it yet (epoch 0). */
export interface OpenCall {
  readonly callKey: string;
  readonly room: string;
  readonly epoch: number;
  readonly hasRecord: boolean;
}

/** How long event ids and the tombstones of ended calls are remembered. */
export const rememberMs = 24 * 60 * 60_000;

/** An owner who still saved so long after its claim was not stopped by the call itself. */
export const settledAfterMs = 60_000;

/** The call is one's own now. */
export interface Owning {
  /** Grows with each claim. */
  readonly epoch: number;
  /**
   * Claims in a row, this one included, that were made over an owner who had neither ended the call nor released it, and whose last
   * commit was less than `settledAfterMs` after its claim: so often has this call taken its process with it.
   */
  readonly crashes: number;
}

/** Letters a call's mailbox holds; more are refused as `full`. A running call empties it with each commit. */
export const mailboxLimit = 1_000;

/**
 * Keeps what calls must not forget. What a promise answered is there after a crash of the process.
 * A promise that cannot be kept rejects with `StoreUnavailable`, and nothing may be concluded from it: ask again.
 */
export interface CallStore {
  /**
   * Takes an event into its call's mailbox. `duplicate`: it was there already; `ended`: the call is over, the event is dropped.
   * `door.caller_joined` and `door.dial_asked` open the call (then `list` and `openIn` know it); other facts do not.
   */
  ingest(event: CallEvent): Promise<'stored' | 'duplicate' | 'ended'>;
  /** Mail after a position, in order. */
  mail(callKey: string, after: number): Promise<readonly Mail[]>;
  /** Wakes whenever mail for this call was stored. Best effort: a hint to read `mail`. Returns the end of it. */
  watchMail(callKey: string, wake: () => void): () => void;
  /** Makes the caller of this function the owner: the epoch grows and older owners are fenced. `undefined`: not open. */
  claim(callKey: string): Promise<Owning | undefined>;
  /** Its owner lets go of it and leaves it to the next, whose claim is then no sign of trouble. */
  release(callKey: string, epoch: number): Promise<'released' | 'fenced'>;
  load(callKey: string): Promise<CallRecord | undefined>;
  /** Saves when `record.epoch` is the claimed one and `record.seq` is not behind; a fenced owner must stop at once. */
  commit(record: CallRecord): Promise<'committed' | 'fenced'>;
  /** Calls that have not ended, oldest first. */
  list(): Promise<readonly OpenCall[]>;
  /** Keys of the open calls of a room, oldest first. */
  openIn(room: string): Promise<readonly string[]>;
  /** Forgets record and mail and remembers for 24 h that the call ended. Idempotent for the owner. */
  end(callKey: string, epoch: number): Promise<'ended' | 'fenced'>;
}

/** The room of a call that this fact opens. */
export function roomOpenedBy(fact: CallFact): string | undefined {
  if (fact.type === 'door.caller_joined') return fact.room;
  return fact.type === 'door.dial_asked' ? fact.order.room : undefined;
}

/**
 * `full`: its queue of pending work, or a mailbox, is at its bound, or it has no room left; `locked`: another process has it;
 * `broken`: disk, worker; `away`: it cannot be reached, or takes no writes for now.
 */
export type StoreTrouble = 'full' | 'closed' | 'locked' | 'broken' | 'away';

/** The store or log cannot answer. The message is for a person and holds nothing of what was to be stored. */
export class StoreUnavailable extends Error {
  readonly code: StoreTrouble;

  constructor(code: StoreTrouble, message: string) {
    super(message);
    this.name = 'StoreUnavailable';
    this.code = code;
  }
}
