/**
 * What was answered to requests that named themselves, so that a repeat is answered alike and made no second time. Names and
 * records are opaque. Kept across restarts, for a day; at most 10,000.
 */
export interface RepeatStore {
  /** Puts a record under a name that is free, or gives the one that is there; `full` when there is no room. One of two at once gets the name. */
  take(
    name: string,
    record: string,
  ): Promise<{ readonly taken: true } | { readonly taken: false; readonly record: string } | 'full'>;
  /** Replaces the record of a name that was taken. */
  keep(name: string, record: string): Promise<void>;
  /** Frees a name. */
  free(name: string): Promise<void>;
}

export const keepRepeatsMs = 24 * 60 * 60_000;
export const mostRepeats = 10_000;
