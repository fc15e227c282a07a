import type { Posture } from '../posture.ts';
import type { Target } from '../targets.ts';

/**
 * What recovery of all instances has in common: the one posture, which of them writes it, and what waits for an admin. Methods reject
 * when the store cannot be asked.
 */
export interface PostureStore {
  /**
   * Takes the lead, or keeps it, for so long. Gives the fencing number of this lead: one that is taken anew has a higher one than
   * all before it. Nothing while another instance leads.
   */
  lead(forMs: number): Promise<number | undefined>;
  /** What was written last; nothing when nothing was. */
  read(): Promise<Posture | undefined>;
  /** `fenced`: the lead of this number is over, and nothing was written. */
  write(posture: Posture, fence: number): Promise<'written' | 'fenced'>;
  /** Told of each posture that is written, here or elsewhere; some may be missed. Returns the end of it. */
  watch(heard: (posture: Posture) => void): () => void;
  /** Tells what waits for an admin here, for so long; gives what waits at the others, each once. */
  waiting(here: readonly Target[], forMs: number): Promise<readonly Target[]>;
  /** Says to all instances that an admin has mended what waits. `at`: when, ms since 1970. */
  acknowledge(at: number): Promise<void>;
  /** When that was said last; nothing when it was not, or long ago. */
  acknowledged(): Promise<number | undefined>;
  /** Gives up the lead, if it has it, and waits for nobody any more. Idempotent. */
  close(): Promise<void>;
}
