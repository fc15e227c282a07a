import type { Emulators } from '../../../emulators/all.ts';
import type { Recording as PhoneRecording } from '../../../emulators/phone/types.ts';
import { samplesOf } from '../../../src/audio/pcm.ts';
import { eventually } from '../call-eventually.ts';
import type { TestCall } from '../call-world.ts';
import type { Span } from './agent-sound.ts';
import { callerSound, type CallerSound } from './caller-sound.ts';
import type { SuiteCase } from './cases.ts';
import { longAnswer, phrases, questionOf } from './phrases.ts';

/** A case as it was played: where its parts lay at the caller's mouth, epoch ms, and until when its traces were waited for. */
export interface PlayedCase {
  readonly case: SuiteCase;
  readonly parts: readonly Span[];
  readonly untilMs: number;
  /** How much longer it took than it lasts: the machine was busy, there was a hole in it. */
  readonly holesMs: number;
}

export interface PlayedCall {
  readonly played: readonly PlayedCase[];
  readonly recording: PhoneRecording;
}

/** A side sound is followed this long after its onset. */
const afterSideSoundMs = 2200;
/** An answer that began longer ago is not used for one more case: it lasts at least half as long again. */
const freshAnswerMs = 18_000;
const settledMs = 300;
/** A sound with holes is another sound; it is played anew, so often. */
const mostHolesMs = 150;
const mostTries = 3;

/** Plays case after case in one call, each while the agent gives a long answer, or, for turns, into the agent's silence. */
export async function playCases(
  call: TestCall,
  emulators: Emulators,
  cases: readonly SuiteCase[],
  heldMs: number,
): Promise<PlayedCall> {
  const { phone } = call;
  const { language } = cases[0]!;
  const question = callerSound(questionOf(language), 0);
  let answer = phrases[language].short;
  let answerBeganMs = Number.NEGATIVE_INFINITY;
  emulators.openai.think(() => ({ text: answer }));

  async function say({ pcm, script, parts }: CallerSound): Promise<{ parts: Span[]; holesMs: number }> {
    await forgetWords(emulators);
    if (script.length > 0) emulators.deepgram.script(script);
    const { startMs, endMs } = await phone.speak(pcm);
    return {
      parts: parts.map((part) => ({ startMs: startMs + part.startMs, endMs: startMs + part.endMs })),
      holesMs: endMs - startMs - pcm.length / samplesOf(1),
    };
  }

  const isHeard = () => phone.events().findLast(({ type }) => type.startsWith('sound.'))?.type === 'sound.began';

  const quiet = () =>
    eventually(
      () => Date.now() - (call.entries().findLast(({ kind }) => kind === 'state')?.at ?? 0),
      (sinceMs) => call.states().includes('quiet') && sinceMs > settledMs && !isHeard(),
    );

  /** The agent is in a long answer and has been undisturbed for `offsetMs`. */
  async function answering({ offsetMs }: SuiteCase): Promise<void> {
    const goesOn = call.states().includes('speaking') && Date.now() - answerBeganMs < freshAnswerMs;
    if (!goesOn) {
      await quiet();
      answer = longAnswer(language);
      const asked = await say(question);
      const began = await phone.when('sound.began', ({ startMs }) => startMs > asked.parts.at(-1)!.endMs);
      answerBeganMs = began.startMs;
    }
    await pass(goesOn ? offsetMs % 500 : offsetMs);
  }

  async function play(each: SuiteCase): Promise<PlayedCase> {
    const isTurn = each.kind === 'pause' || each.kind === 'spelled';
    const isSideSound = each.kind === 'backchannel' || each.kind === 'noise';
    await (isTurn ? quiet() : answering(each));
    if (!isSideSound) answer = phrases[language].short;
    const { parts, holesMs } = await say(callerSound(each.parts, each.gapMs, heldMs));
    if (isSideSound) await pass(parts[0]!.startMs + afterSideSoundMs - Date.now());
    else await quiet();
    return { case: each, parts, untilMs: Date.now(), holesMs };
  }

  async function playWhole(each: SuiteCase, tries = mostTries): Promise<PlayedCase> {
    const once = await play(each);
    return once.holesMs > mostHolesMs && tries > 1 ? playWhole(each, tries - 1) : once;
  }

  const played: PlayedCase[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one caller, one voice
  for (const each of cases) played.push(await playWhole(each));
  return { played, recording: await phone.recording() };
}

/** Words of a sound that was not recognised must not go to the next one. */
const forgetWords = async ({ deepgram }: Emulators): Promise<void> =>
  void (await fetch(`${deepgram.controlUrl}/script`, { method: 'DELETE' }));

const pass = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, Math.max(0, ms)));
