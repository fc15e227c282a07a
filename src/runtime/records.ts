/** One record: a text, and when it was last written, in ms since 1970. */
export interface Kept {
  readonly text: string;
  readonly at: number;
}

/**
 * Small texts by name, kept across restarts and seen by other processes at once. A name has 1 to 64 letters, digits, `_` and
 * `-`. All of it rejects when the store cannot be reached.
 */
export interface Records {
  get(name: string): Promise<Kept | undefined>;
  /** False when there is one of this name already: of two at once, in two processes too, one adds it. */
  add(name: string, text: string): Promise<boolean>;
  /** Writes it whole, whether it is there or not. */
  put(name: string, text: string): Promise<void>;
  /** False when there is none: of two at once one removes it. */
  remove(name: string): Promise<boolean>;
  names(): Promise<readonly string[]>;
  /** Removes what was last written before this moment, and says how many are left. */
  sweep(before: number): Promise<number>;
}
