import type { RoomFact } from '../../../../src/actors/room.ts';

/** One stay of an agent in a room; numbered by its process. */
interface OfStay {
  readonly stay: number;
}

/** What a process that runs calls asks of the rooms, and tells. */
export type FromOwner =
  | { readonly type: 'ready' }
  | (OfStay & { readonly type: 'join'; readonly room: string; readonly identity: string; readonly callerKey: string })
  | (OfStay & { readonly type: 'leave' })
  | (OfStay & { readonly type: 'frame'; readonly pcm: Int16Array })
  | (OfStay & { readonly type: 'clear' })
  | { readonly type: 'remove'; readonly room: string; readonly identity: string }
  | { readonly type: 'hang_up'; readonly room: string }
  /** It has claimed the call and opens it. */
  | { readonly type: 'owned'; readonly room: string; readonly epoch: number }
  | Wrote
  | { readonly type: 'trouble'; readonly text: string };

/** A write of an owner, answered by the store. */
export interface Wrote {
  readonly type: 'wrote';
  readonly what: 'commit' | 'log';
  readonly room: string;
  readonly epoch: number;
  readonly outcome: string;
  /** When it was begun: ms since 1970. */
  readonly at: number;
  /** Of a commit: numbers of the questions that its history holds, and of the answers that it holds whole. */
  readonly asked: readonly number[];
  readonly answered: readonly number[];
}

export type ToOwner =
  /** `others`: who is in the room already, with `line.joined`. */
  | (OfStay & { readonly type: 'fact'; readonly fact: RoomFact; readonly others: readonly string[] })
  /** Somebody else of the same call came into the room. */
  | (OfStay & { readonly type: 'rival'; readonly identity: string })
  | (OfStay & { readonly type: 'sound'; readonly pcm: Int16Array });
