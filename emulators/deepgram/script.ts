import { z } from 'zod';

const word = z.strictObject({ text: z.string().min(1), startMs: z.number().min(0), endMs: z.number().min(0) });

const sound = z.strictObject({
  /** What is said, in milliseconds from the onset of the sound, in order. None: a cough, a door. */
  words: z.array(word).default([]),
  /** How long the sound lasts where words do not say so: further bursts within it are the same sound. */
  durationMs: z.number().min(0).optional(),
  /**
   * Only a sound at least this loud (dBFS of 10 ms) is meant; quieter ones, such as echo, carry no words. In noise that
   * never pauses it begins where it is that loud.
   */
  minDb: z.number().optional(),
  /** How the settled result differs: its text (empty: it vanishes), how much later it comes, whether it comes twice. */
  final: z
    .strictObject({
      text: z.string().optional(),
      delayMs: z.number().min(0).optional(),
      twice: z.boolean().optional(),
    })
    .optional(),
});

const scripted = z.strictObject({ scenario: z.string().optional(), sounds: z.array(sound).min(1) });

/** One sound that real voices make, with the words that the emulator is to hear in it. */
export type ScriptedSound = Readonly<z.infer<typeof sound>>;
export type ScriptInput = z.input<typeof sound>;

export interface Script {
  /** Appends sounds for one scenario (header `x-emulator-scenario`), or for all sessions without one of their own. */
  add(input: unknown): void;
  /** The next sound for a session, if it is loud enough to be the one meant; only such a one begins without an onset. */
  take(scenario: string | undefined, levelDb: number, onset: boolean): ScriptedSound | undefined;
  remaining(): Readonly<Record<string, readonly ScriptedSound[]>>;
  clear(): void;
}

/** The words of real voices, to be given out at the pace of the audio they belong to. */
export function createScript(): Script {
  const queues = new Map<string, ScriptedSound[]>();

  function add(input: unknown): void {
    const result = scripted.safeParse(input);
    if (!result.success) throw new Error(`not a script: ${z.prettifyError(result.error)}`);
    const { scenario = '', sounds } = result.data;
    queues.set(scenario, [...(queues.get(scenario) ?? []), ...sounds]);
  }

  function take(scenario: string | undefined, levelDb: number, onset: boolean): ScriptedSound | undefined {
    const queue = queues.get(scenario ?? '') ?? queues.get('');
    const next = queue?.[0];
    if (!next || levelDb < (next.minDb ?? (onset ? -100 : 0))) return undefined;
    return queue?.shift();
  }

  return { add, take, remaining: () => Object.fromEntries(queues), clear: () => queues.clear() };
}
