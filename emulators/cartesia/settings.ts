import { z } from 'zod';

export const settingsShape = z.object({
  /** From a text to its first audio. */
  firstAudioMs: z.number().min(0).default(130),
  /** The first audio of a text comes up to this much later, by `seed`, scenario and text: the same in every run. */
  jitterMs: z.number().min(0).default(0),
  seed: z.int().default(1),
  chunkMs: z.number().min(10).max(1000).default(100),
  realTimeFactor: z.number().min(0.1).default(10),
  /** Length of one tone in the audio. */
  symbolMs: z.number().min(10).max(60).default(20),
  /** False: word times never come, as in languages that have none. */
  timestamps: z.boolean().default(true),
  contextExpiryMs: z.number().min(0).default(1000),
  lateChunks: z.int().min(0).default(2),
  /** Contexts that may be active at once, over all sockets. */
  concurrency: z.int().min(1).default(10_000),
  idleCloseMs: z.number().min(0).default(300_000),
  /** Voice ids that the vendor does not know. */
  unknownVoices: z.array(z.string()).default([]),
});

export type CartesiaSettings = z.infer<typeof settingsShape>;
