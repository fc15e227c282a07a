import { flux, nova } from '../../../src/agent.ts';
import { isEnd } from '../call-story.ts';
import { openCallWorld } from '../call-world.ts';
import type { Language, SuiteCase } from './cases.ts';
import { type CaseResult, judgeCall } from './judge.ts';
import { phrases } from './phrases.ts';
import { playCases } from './play-call.ts';

/** `hasty`: a Flux that takes every quiet of 150 ms for the end of a turn, whatever was said. */
export type EarName = 'flux' | 'nova' | 'hasty';

export interface SuiteCall {
  readonly ear: EarName;
  readonly language: Language;
  readonly results: readonly CaseResult[];
  /** The call's log, for a reader. */
  tell(): string;
}

const ears = { flux, nova, hasty: flux };

/** Flux goes by meaning: it waits up to this much longer when more is plainly to come (its p95 is 1.5 s). */
const heldMs = { flux: 1150, nova: 0, hasty: 0 };

/** One call that goes through these cases, over the real server, judged. */
export async function runSuiteCall(ear: EarName, language: Language, cases: readonly SuiteCase[]): Promise<SuiteCall> {
  const { disclosure, greeting } = phrases[language];
  const world = await openCallWorld({
    agent: { ears: [ears[ear]()], language: [language], disclosure, greeting, speculate: true },
  });
  const call = await world.dial();
  await call.until((_, { lines }) => [...lines.values()].filter(({ finished }) => finished).length >= 2);
  const played = await playCases(call, world.emulators, cases, heldMs[ear]);
  await call.phone.hangUp();
  // A log must not be followed into a store that is closed.
  await call.until(isEnd);
  await call.stop();
  const results = judgeCall(played, call.entries());
  await world.close();
  return { ear, language, results, tell: call.tell };
}
