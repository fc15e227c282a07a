/** The caller's sound. Frames are 20 ms of 16 kHz PCM (`audio/pcm.ts`); all-zero frames are delivered too. */
export interface Ear {
  /**
   * Hands every frame to `hear`, in order, synchronously; a frame belongs to the receiver. Never through a mailbox.
   * `replayMs` (at most 5,000) first hands over that much of what was heard last, so that nothing said while a
   * transcriber was (re)opening is lost. Returns the end of listening. A throwing listener is dropped and reported to nobody.
   */
  listen(hear: (frame: Int16Array) => void, options?: { readonly replayMs?: number }): () => void;
}
