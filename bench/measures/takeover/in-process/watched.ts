import type { Clock } from '../../../../src/clock.ts';
import type { CallContext } from '../../../../src/machines/call/context.ts';
import { splitCallKey } from '../../../../src/runtime/call-key.ts';
import type { CallLog } from '../../../../src/runtime/call-log.ts';
import type { CallStore } from '../../../../src/runtime/call-store.ts';
import type { Wrote } from './messages.ts';
import { answerWords, questionsIn } from './script.ts';

type Told = (wrote: Wrote) => void;

/** A store of which each commit is told of with what it answered. */
export const watchedStore = (store: CallStore, clock: Clock, told: Told): CallStore => ({
  ...store,
  async commit(record) {
    const at = clock.now();
    const outcome = await store.commit(record);
    const { room } = splitCallKey(record.callKey);
    told({ type: 'wrote', what: 'commit', room, epoch: record.epoch, outcome, at, ...turnsOf(record.context) });
    return outcome;
  },
});

export const watchedLog = (log: CallLog, clock: Clock, told: Told): CallLog => ({
  ...log,
  async append(callKey, epoch, drafts) {
    const at = clock.now();
    const outcome = await log.append(callKey, epoch, drafts);
    // Where there was nothing to write nothing was tried.
    if (drafts.length === 0) return outcome;
    const { room } = splitCallKey(callKey);
    told({ type: 'wrote', what: 'log', room, epoch, outcome, at, asked: [], answered: [] });
    return outcome;
  },
});

/** What a history holds: questions by their numbers, and those whose answer it has whole. */
export function turnsOf(context: unknown): Pick<Wrote, 'asked' | 'answered'> {
  const { history } = context as Pick<CallContext, 'history'>;
  const asked = history.flatMap((line) => (line.who === 'caller' ? questionsIn(line.text) : []));
  const heard = new Set(history.flatMap((line) => (line.who === 'agent' ? line.heard : [])));
  return { asked, answered: asked.filter((n) => answerWords(n).every((word) => heard.has(word))) };
}
