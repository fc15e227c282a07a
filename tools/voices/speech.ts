import { execFileSync } from 'node:child_process';
import { readWav, type Sound } from '../../src/audio/wav.ts';

/** Level of active speech in the files, dBFS; telephone calls have some -20 to -28. */
const activeDb = -22;
const blockMs = 10;

export interface SpeechOptions {
  readonly language: string;
  /** A voice of espeak-ng, such as `en-us+f2`. */
  readonly voice: string;
  readonly wordsPerMinute: number;
  readonly pitch: number;
}

export interface SpokenWord {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Speaks by espeak-ng, cuts to the telephone's band and rate by sox, trims and levels. */
export function renderSpeech(text: string, options: SpeechOptions): Int16Array {
  const { voice, wordsPerMinute, pitch } = options;
  const spoken = execFileSync('espeak-ng', [
    '-v',
    voice,
    '-s',
    `${wordsPerMinute}`,
    '-p',
    `${pitch}`,
    '--stdout',
    text,
  ]);
  const telephone = ['-r', '8000', '-b', '16', '-c', '1', '-t', 'wav', '-', 'highpass', '250', 'lowpass', '3400'];
  return level(
    trim(readWav(execFileSync('sox', ['-R', '-D', '-q', '-V0', '-t', 'wav', '-', ...telephone], { input: spoken }))),
  );
}

/** Shares the time in which there is sound among the words by their length: approximate. */
export function alignWords(pcm: Int16Array, text: string): SpokenWord[] {
  const words = text.split(' ');
  const sounding = blocks(pcm).flatMap((rms, i) => (rms > 60 ? [i] : []));
  const letters = words.map((word) => word.replace(/[^\p{L}\p{N}]/gu, '').length + 1);
  const total = letters.reduce((sum, count) => sum + count, 0);
  const at = (share: number) => sounding[Math.min(sounding.length - 1, Math.floor(share * sounding.length))]! * blockMs;
  let before = 0;
  return words.map((word, i) => {
    const startMs = at(before / total);
    before += letters[i]!;
    return {
      text: word,
      startMs,
      endMs: i === words.length - 1 ? sounding.at(-1)! * blockMs + blockMs : at(before / total),
    };
  });
}

export const durationMs = (pcm: Int16Array): number => Math.round(pcm.length / 8);

function trim({ pcm }: Sound): Int16Array {
  const sounding = blocks(pcm).flatMap((rms, i) => (rms > 60 ? [i] : []));
  if (sounding.length === 0) throw new Error('the synthesiser gave silence');
  return pcm.subarray(Math.max(0, sounding[0]! * 80 - 80), (sounding.at(-1)! + 2) * 80);
}

/** Active level: mean energy of the blocks within 20 dB of the loudest. */
function level(pcm: Int16Array): Int16Array {
  const rms = blocks(pcm);
  const active = rms.filter((value) => value > Math.max(...rms) / 10);
  const mean = Math.sqrt(active.reduce((sum, value) => sum + value * value, 0) / active.length);
  const gain = (10 ** (activeDb / 20) * 32_768) / mean;
  return pcm.map((sample) => Math.max(-32_000, Math.min(32_000, Math.round(sample * gain))));
}

/** RMS of each 10 ms. */
function blocks(pcm: Int16Array): number[] {
  return Array.from({ length: Math.ceil(pcm.length / 80) }, (_, i) => {
    const piece = pcm.subarray(i * 80, i * 80 + 80);
    return Math.sqrt(piece.reduce((sum, sample) => sum + sample * sample, 0) / piece.length);
  });
}
