/** The little of a native audio source that the player needs. */
export interface AudioSink {
  /**
   * Takes a frame of 16 kHz PCM (at most 20 ms, a multiple of 10 ms; the array is the sink's) and resolves when the next may come.
   * Never called again before it has resolved. A rejection means that the frame was not taken.
   */
  capture(frame: Int16Array): Promise<void>;
  /** Drops what has not left. */
  clear(): void;
  /** How much was captured and has not left. */
  queuedMs(): number;
}
