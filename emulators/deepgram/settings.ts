import { z } from 'zod';

/** Times are milliseconds of audio, but for those of connecting and starving. */
export const deepgramSettings = z.object({
  /** The one key that is let in. */
  apiKey: z.string().default('emulated-deepgram-key'),
  /** First interim after the onset of a sound, then one every so often. */
  interimFirstMs: z.number().min(0).default(300),
  interimEveryMs: z.number().min(20).default(250),
  /** v1: quiet after the last sound until the final with `speech_final`. */
  finalMs: z.number().min(20).default(150),
  /** v1: a window of this length is settled though the speech goes on. */
  segmentMs: z.number().min(500).default(5000),
  /** v2: quiet until the eager and the real end of turn at the thresholds 0.5 and 0.7; other thresholds scale it. */
  eagerMs: z.number().min(20).default(60),
  endOfTurnMs: z.number().min(20).default(150),
  /** v2: the same after words that plainly go on (a comma, a filler, an "and"). */
  openEndMs: z.number().min(20).default(1300),
  /** v2: real time from the upgrade to `Connected`; audio from before it is lost. */
  connectedDelayMs: z.number().min(0).default(0),
  /** v1: real time without audio or text until NET-0001. */
  starvationMs: z.number().min(20).default(10_000),
  /** v2: real time without audio until the stream is closed. */
  fluxIdleMs: z.number().min(20).default(25_000),
  /** v1: how a stream ends after CloseStream: 1000, or 1005 (no status at all). */
  closeStreamCode: z.union([z.literal(1000), z.literal(1005)]).default(1000),
  /** v1: whether Finalize is answered; the vendor does not promise it. */
  finalizeReplies: z.boolean().default(true),
  /** v2: whether the account has ForceEndTurn. */
  forceEndTurn: z.boolean().default(false),
  /** Streams at once; one more is refused with 429. */
  maxStreams: z.int().min(0).default(150),
  /** Audio is worked on at most this many times faster than it was spoken (the vendor: 1.25); 0: as fast as it comes. */
  maxSpeed: z.number().min(0).default(0),
});

export type DeepgramSettings = Readonly<z.infer<typeof deepgramSettings>>;
