import type { SttFact } from '../../actors/transcribe.ts';
import type { CallContext, Utterance } from './context.ts';
import { workingEars } from './ears.ts';

type Change = Partial<CallContext>;
type WordFact = Extract<SttFact, { readonly type: 'stt.words' | 'stt.turn_ended' }>;

/** A transcriber is given what it heard last, and no more. */
export const replayedMs = 5000;
/** Our own detector may be late: so much is given to a new one where nobody was heard to speak. */
const leadMs = 1000;

/** Words show that hearing works; settled ones also up to where sound has become words. */
export function heardWords(context: CallContext, event: WordFact): Change {
  const settles = event.type === 'stt.turn_ended' || event.final;
  return {
    hearingTries: 0,
    hearingWordsAt: event.at - (event.behindMs ?? 0),
    ears: workingEars(context.ears, event.at),
    ...(settles ? { hearingSettledAt: event.at - (event.behindMs ?? 0) } : {}),
  };
}

/**
 * Another session is given the sound that has not become words, and none that has: what it is given makes it late, as
 * vendors take sound hardly faster than it is spoken. Interim words are forgotten for that, but for those of sound too old to be given.
 */
export function newSession(context: CallContext, now: number): Change {
  const { hearingSession, hearingSettledAt, hearingWordsAt, lastSoundAt, voiceStartedAt, pending } = context;
  const unheard = voiceStartedAt > lastSoundAt || lastSoundAt > hearingSettledAt;
  const isTooLong = unheard && now - hearingSettledAt > replayedMs && pending.some(({ final }) => !final);
  return {
    hearingSession: hearingSession + 1,
    pending: isTooLong ? pending.map(settled) : pending.flatMap(settledPart),
    hearingSettledAt: isTooLong ? hearingWordsAt : Math.max(hearingSettledAt, unheard ? 0 : now - leadMs),
  };
}

const settled = (utterance: Utterance): Utterance => ({ ...utterance, final: true });

const settledPart = ({ id, text, final, settled: part }: Utterance): Utterance[] => {
  if (final) return [{ id, text, final }];
  return part === undefined ? [] : [{ id, text: part, final: true }];
};
