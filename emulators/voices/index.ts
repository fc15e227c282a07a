import { readFileSync } from 'node:fs';
import { createUpsampler } from '../../src/audio/resample.ts';
import { readWav } from '../../src/audio/wav.ts';

const folder = new URL('../../test/fixtures/voices/', import.meta.url);

/** One committed file of a caller's sound: 8 kHz mu-law, active speech at -22 dBFS. Rendered by `tools/voices.ts`. */
export interface VoiceFixture {
  readonly file: string;
  readonly kind: 'interruption' | 'backchannel' | 'noise' | 'pause' | 'spelled' | 'ordinary';
  readonly sort?:
    | 'stop'
    | 'sentence'
    | 'correction'
    | 'question'
    | 'answer'
    | 'goodbye'
    | 'cough'
    | 'breath'
    | 'tap'
    | 'door';
  /** Files of one group are parts, from 0, of one turn; whoever plays them puts the pauses between. */
  readonly group?: string;
  readonly part?: number;
  /** Absent for sounds that are no words. */
  readonly language?: 'en' | 'de' | 'ru';
  readonly voice?: string;
  /** What is said; empty for sounds that are no words. */
  readonly text: string;
  readonly durationMs: number;
  /** Approximate places, from the start of the file. */
  readonly words: readonly { readonly text: string; readonly startMs: number; readonly endMs: number }[];
}

/** All fixtures, in the order of the script. */
export function voiceFixtures(): readonly VoiceFixture[] {
  return JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly VoiceFixture[];
}

/** Sound of one fixture as a phone would send it into a room: 16 kHz PCM that went through the telephone. */
export function voiceSound(fixture: Pick<VoiceFixture, 'file'>): Int16Array {
  const { pcm } = readWav(readFileSync(new URL(fixture.file, folder)));
  const upsampler = createUpsampler();
  return upsampler.push(pcm);
}
