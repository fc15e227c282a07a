import { createDeepgramEmulator, type DeepgramEmulator } from '../../../emulators/deepgram/emulator.ts';
import type { DeepgramSettings } from '../../../emulators/deepgram/settings.ts';
import { encodeWord } from '../../../emulators/tones/codec.ts';
import type { Transcriber, TranscriberFact, TranscriberSession } from '../../../src/actors/transcriber.ts';
import type { DeepgramOptions } from '../../../src/adapters/deepgram/stream.ts';
import { frameSamples, samplesOf } from '../../../src/audio/pcm.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { recordFacts, type FactRecord } from '../../support/record-facts.ts';

/** One stream under test with what it reported. */
export interface Listening extends FactRecord<TranscriberFact> {
  readonly session: TranscriberSession;
  readonly stop: () => void;
}

export interface DeepgramWorld {
  readonly emulator: DeepgramEmulator;
  readonly transcriber: Transcriber;
  listen(options?: { readonly languages?: readonly string[]; readonly terms?: readonly string[] }): Listening;
  /** The emulator's note of the `n`th upgrade that was asked for, from 0. */
  asked(n?: number): Promise<Readonly<Record<string, unknown>>>;
  /** Ends everything. Rejects when the emulator saw other connections than those of `listen`, or one without authorization. */
  close(): Promise<void>;
}

/** An emulated Deepgram and one adapter that points at it. */
export async function startDeepgram(
  create: (options: DeepgramOptions) => Transcriber,
  options: { readonly settings?: Partial<DeepgramSettings>; readonly adapter?: Partial<DeepgramOptions> } = {},
): Promise<DeepgramWorld> {
  const emulator = await createDeepgramEmulator(options.settings ? { settings: options.settings } : {});
  const { apiKey, wsUrl, httpUrl } = emulator;
  const transcriber = create({ apiKey: new Secret(apiKey), wsUrl, httpUrl, clock: systemClock, ...options.adapter });
  const stops: (() => void)[] = [];

  function listen({ languages = ['en'], terms = [] }: Parameters<DeepgramWorld['listen']>[0] = {}): Listening {
    const stop = new AbortController();
    const heard = recordFacts<TranscriberFact>();
    const session = transcriber.open({ signal: stop.signal, languages, terms }, heard.report);
    stops.push(() => stop.abort());
    return { ...heard, session, stop: () => stop.abort() };
  }

  async function close(): Promise<void> {
    for (const stop of stops) stop();
    await emulator.close();
    const asked = emulator.journal.entries({ type: 'stream.asked' });
    if (asked.length > stops.length) throw new Error(`${asked.length} streams for ${stops.length} sessions`);
    if (asked.some(({ authorization }) => authorization !== 'Token')) throw new Error('a stream without authorization');
  }

  async function asked(n = 0): Promise<Readonly<Record<string, unknown>>> {
    await emulator.journal.waitFor(() => emulator.journal.entries({ type: 'stream.asked' }).length > n);
    return emulator.journal.entries({ type: 'stream.asked' })[n]!;
  }

  return { emulator, transcriber, listen, asked, close };
}

/** Words as tones, between `beforeMs` (default 400) and `afterMs` (default 2,000) of quiet. */
export function spoken(text: string, { beforeMs = 400, afterMs = 2000 } = {}): Int16Array[] {
  return framesOf([
    new Int16Array(samplesOf(beforeMs)),
    ...text.split(' ').map((word, number) => encodeWord(word, number)),
    new Int16Array(samplesOf(afterMs)),
  ]);
}

export function framesOf(pieces: readonly Int16Array[]): Int16Array[] {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = new Int16Array(Math.ceil(length / frameSamples) * frameSamples);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return Array.from({ length: whole.length / frameSamples }, (_, n) =>
    whole.slice(n * frameSamples, (n + 1) * frameSamples),
  );
}

export const write = (session: TranscriberSession, frames: readonly Int16Array[]): void => {
  for (const frame of frames) session.write(frame);
};
