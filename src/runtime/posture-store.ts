import type { Posture } from '../posture.ts';

/** The one posture of all instances, and which of them writes it. Methods reject when the store cannot be asked. */
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
  /** Gives up the lead, if it has it. Idempotent. */
  close(): Promise<void>;
}
