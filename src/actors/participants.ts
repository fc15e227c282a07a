import type { Failure } from '../failure.ts';

/** Who is in LiveKit's rooms. */
export interface Participants {
  /** Puts a participant out of a room; one who is not there is no failure. Never rejects. */
  remove(who: { readonly room: string; readonly identity: string }): Promise<Failure | undefined>;
}
