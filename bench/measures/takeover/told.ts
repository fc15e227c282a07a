import type { HeardWord, Phone } from '../../../emulators/phone/types.ts';
import { damagedWords, toldOf } from '../../../tools/lib/told.ts';
import type { TakenCall } from './bed.ts';
import type { Tale } from './tales.ts';

/** A tale at the ear. */
export interface ToldTale {
  /** Words heard again, and words that were not heard though the voice did not speak them again either. */
  readonly repeated: number;
  readonly lost: readonly string[];
  /** The last word was heard, or the last but one: a word may be damaged on its way. */
  readonly isWhole: boolean;
  readonly startMs: number;
  readonly endMs: number;
}

const isOwn = ({ words }: Tale, { text }: HeardWord): boolean => words.includes(text);

/** What was heard of a tale after somebody asked for it. */
export function toldTale({ phone, spoken }: TakenCall, tale: Tale, askedMs: number): ToldTale {
  const after = phone.heard().filter(({ startMs }) => startMs > askedMs);
  const own = after.filter((word) => isOwn(tale, word));
  const { repeated, missing } = toldOf(
    tale.words,
    own.map(({ text }) => text),
  );
  const damaged = damagedWords(spoken(), after);
  return {
    repeated,
    lost: missing.filter((word) => !damaged.has(word)),
    isWhole: own.some(({ text }) => tale.words.slice(-2).includes(text)),
    startMs: own[0]?.startMs ?? Number.NaN,
    endMs: own.at(-1)?.endMs ?? Number.NaN,
  };
}

/** Asks for a tale; gives when the caller had said so. */
export const askFor = async (phone: Phone, { asks }: Tale): Promise<number> => (await phone.sayWords(asks)).endMs;

const toldWithinMs = 30_000;

/** Resolves when this word of a tale, or the one after it, is heard: one may be damaged on its way. */
export async function hearsWord(phone: Phone, { words }: Tale, at: number, afterMs: number): Promise<void> {
  const wanted = words.slice(at, at + 2);
  await phone.when('heard.word', ({ text, startMs }) => startMs > afterMs && wanted.includes(text), toldWithinMs);
}

/** … and then its sound is over. */
export async function hearsEnd(phone: Phone, tale: Tale, afterMs: number): Promise<void> {
  await hearsWord(phone, tale, tale.words.length - 2, afterMs);
  await phone.when('sound.ended', ({ atMs }) => atMs >= phone.heard().at(-1)!.endMs, toldWithinMs);
}
