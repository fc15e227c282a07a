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

const beginsWithinMs = 6_000;
const tries = 4;

/** Asks for a tale until it is begun, as people do; gives when the caller had last said so. */
export async function askFor(phone: Phone, tale: Tale): Promise<number> {
  for (let left = tries; ; left -= 1) {
    // oxlint-disable no-await-in-loop -- one try after the other
    const { endMs } = await phone.sayWords(tale.asks);
    const isBegun = await hearsWord(phone, tale, 0, endMs, beginsWithinMs).then(
      () => true,
      () => false,
    );
    // oxlint-enable no-await-in-loop
    if (isBegun) return endMs;
    if (left === 1) throw new Error(`nobody tells of the ${tale.about}`);
  }
}

const toldWithinMs = 30_000;

/** Resolves when this word of a tale, or the one after it, is heard: one may be damaged on its way. */
export async function hearsWord(
  phone: Phone,
  { words }: Tale,
  at: number,
  afterMs: number,
  withinMs = toldWithinMs,
): Promise<void> {
  const wanted = words.slice(at, at + 2);
  await phone.when('heard.word', ({ text, startMs }) => startMs > afterMs && wanted.includes(text), withinMs);
}

/** … and then its sound is over. */
export async function hearsEnd(phone: Phone, tale: Tale, afterMs: number): Promise<void> {
  await hearsWord(phone, tale, tale.words.length - 2, afterMs);
  await phone.when('sound.ended', ({ atMs }) => atMs >= phone.heard().at(-1)!.endMs, toldWithinMs);
}
