import { delaysMs } from '../deadlines.ts';
import { earNow } from './ears.ts';
import type { CallContext } from './context.ts';
import { pendingText } from './said.ts';
import type { CallEvent } from './events.ts';
import { commitMsOf } from './words.ts';

/** Name of the delay that a timer's event belongs to; empty for other events. */
export const delayOf = (event: { readonly type: string }): string => event.type.split('.')[2] ?? '';

/** A transcriber that decides is waited for so long; then the machine begins to get an answer ready. */
export const verdictMissingMs = 1000;

/** The words of the turn that is being decided on. */
export function turnText(context: CallContext): string {
  const last = context.history.findLast((line) => line.who === 'caller');
  return pendingText(context) || (last?.who === 'caller' ? last.text : '');
}

/** The time of an event. Timers bear none: theirs is that of the event they were set at, and for the rest the last time known. */
export function timeOf(context: CallContext, event: CallEvent): number {
  if ('at' in event) return event.at;
  switch (delayOf(event)) {
    case 'yieldByLength':
      return context.voiceOnAt + delaysMs.yieldByLength;
    case 'floorVerdict':
      return context.duckedAt + delaysMs.floorVerdict;
    case 'restoreVoice':
      return context.voiceOffAt + delaysMs.restoreVoice;
    case 'finalWait':
      return context.voiceOffAt + delaysMs.finalWait;
    case 'hearingCools':
      return Math.max(context.ears.againAt, context.heardAt, context.lastSoundAt);
    case 'turnTentative':
      return Math.max(context.settlingAt, context.lastSoundAt + delaysMs.turnTentative);
    case 'turnCommits':
      return Math.max(
        context.settlingAt,
        context.lastSoundAt + (earNow(context).decides ? verdictMissingMs : commitMsOf(turnText(context))),
      );
    case 'transferBegins':
      return Math.max(context.heardAt, context.voiceOffAt) + delaysMs.transferBegins;
    default:
      return context.lastSoundAt;
  }
}
