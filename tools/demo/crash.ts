import { z } from 'zod';
import type { Api } from '../../src/cli/follow.ts';
import type { SpokenWord } from '../../emulators/verdict.ts';
import { damagedWords, type Told, toldOf } from '../lib/told.ts';
import type { DemoPhone, Step } from './caller.ts';

/** What the caller heard of it when the process that ran the call was killed in mid-sentence. */
export interface Takeover {
  /** Longest silence at the ear from the kill to the end of the sentence. */
  readonly silenceMs: number;
  readonly wordsRepeated: number;
  /** Those that were damaged on their way, as on a busy machine, are not among them. */
  readonly wordsLost: number;
}

const question = 'what is the story of the house?';
/** No word of it comes twice, so that one that is heard again shows. */
const answer =
  'Our house was built by a fisherman long ago, burned down once, stood empty for years, and has forty rooms today.';
/** Any of some words: one may be damaged on its way. */
const killedAt = /^(?:down|once,|stood)$/;
const isToldAt = /^(?:rooms|today\.)$/;

/** The answer of the emulated model to this question. */
export const crashRule = { user: 'story of the house', text: answer };

const owner = z.object({ owner: z.object({ pid: z.int().positive(), epoch: z.int() }) });

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The process that runs this call. */
async function ownerOf({ api, access }: Api, callKey: string): Promise<number> {
  const response = await fetch(`${api}/v1/calls/${encodeURIComponent(callKey)}`, { headers: access.headers });
  const read = owner.safeParse(await response.json());
  if (!read.success) throw new Error('the instance does not say which process runs the call');
  return read.data.owner.pid;
}

/** The process that runs the call is killed in mid-sentence; `tookOver` is told what the caller heard. */
export const crashStep = (
  api: Api,
  callKey: () => string,
  spoken: () => ReadonlyMap<number, readonly SpokenWord[]>,
  tell: (line: string) => void,
  tookOver: (takeover: Takeover) => void,
): Step => ({
  shows: 'the process that runs the call is killed in mid-sentence',
  async run(phone, spoke) {
    const { endMs } = await phone.say(question);
    spoke(endMs);
    const pid = await ownerOf(api, callKey());
    const cut = await phone.hears(killedAt, endMs);
    process.kill(pid, 'SIGKILL');
    tell(`        ✗ process ${pid}, which ran the call, is killed (SIGKILL)`);
    await phone.hears(isToldAt, cut.startMs, 30_000);
    await pause(1_500);
    const takeover = takeoverOf(phone, spoken(), endMs, cut.startMs);
    tell(`        ✓ another process went on: ${takeover.silenceMs} ms of silence at the ear`);
    tookOver(takeover);
  },
});

function takeoverOf(
  phone: DemoPhone,
  spoken: ReadonlyMap<number, readonly SpokenWord[]>,
  askedMs: number,
  cutMs: number,
): Takeover {
  const heard = phone.heard().filter(({ startMs }) => startMs > askedMs);
  const told: Told = toldOf(
    answer.split(' '),
    heard.map(({ text }) => text),
  );
  const after = heard.filter(({ startMs }) => startMs >= cutMs);
  const gaps = after.slice(1).map((word, index) => word.startMs - after[index]!.endMs);
  const damaged = damagedWords(spoken, heard);
  return {
    silenceMs: Math.round(Math.max(0, ...gaps)),
    wordsRepeated: told.repeated,
    wordsLost: told.missing.filter((word) => !damaged.has(word)).length,
  };
}
