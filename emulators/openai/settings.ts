import { z } from 'zod';

export const settingsShape = z.object({
  /** From the request to its first token. */
  firstTokenMs: z.number().min(0).default(250),
  /** From one token (a word) to the next. */
  tokenMs: z.number().min(0).default(20),
  /** Each token comes up to this much later, by `seed`, scenario and question: the same in every run. */
  jitterMs: z.number().min(0).default(0),
  seed: z.int().default(1),
  /** Of speech: from the request to its first audio. */
  firstAudioMs: z.number().min(0).default(300),
  chunkMs: z.number().min(10).max(1000).default(100),
  /** How many times faster than real time audio is made. */
  realTimeFactor: z.number().min(0.1).default(10),
  /** How long an idle connection is kept; told to the client, who will not keep it longer. 0: for ever, and not told. */
  keepAliveMs: z.number().min(0).default(600_000),
  /** From `[DONE]` to the end of the body, which often comes in a packet of its own. */
  endMs: z.number().min(0).default(0),
  /** From the request for a transcription to its answer. */
  transcriptionMs: z.number().min(0).default(250),
  /** Answers that may be given at once; one more is refused with 429. */
  concurrency: z.int().min(0).default(10_000),
  /** False: how many tokens were used is not told, asked for or not. */
  usage: z.boolean().default(true),
  /** Models that were taken out of service: not listed any more, and refused in the vendor's own way. */
  retiredModels: z.array(z.string()).default([]),
});

export type OpenAiSettings = z.infer<typeof settingsShape>;
