import type { CallNotice } from '../notices.ts';
import { counter, gauge, histogram } from './definition.ts';
import type { Metrics } from './metrics.ts';
import { isIn, perCall } from './per-call.ts';

/** Why a call was over, with its blanks as underscores. */
export const outcomes = [
  'caller_hung_up',
  'agent_said_goodbye',
  'caller_silent',
  'hung_up_by_operator',
  'transferred',
  'call_too_long',
  'room_closed',
  'not_answered',
  'no_caller',
  'caller_lost',
  'line_lost',
  'could_not_join',
  'deaf',
  'in_trouble',
  'failsafe',
  'busy',
  'no_answer',
  'rejected',
  'unreachable',
  'dial_failed',
  'dial_unknown',
  'fenced',
  'crashed',
  'crashed_too_often',
  'ended',
] as const;

const direction = ['in', 'out'] as const;
const setupSeconds = [0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10, 20];
const callSeconds = [5, 15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600];

export const callMetrics = {
  voicechart_calls_total: counter('Calls that are over, by direction and by why', { direction, outcome: outcomes }),
  voicechart_calls_taken_up_total: counter('Calls that were taken up again after their process had died or stopped'),
  voicechart_calls_active: gauge('Calls that run here now'),
  voicechart_call_capacity: gauge('Calls that may run here at once'),
  voicechart_calls_waiting: gauge('Calls that wait to be run'),
  voicechart_calls_waiting_oldest_seconds: gauge(
    'How long the first of the calls that wait has waited; 0 when none does',
  ),
  voicechart_call_setup_seconds: histogram(
    'From a call being taken up, or answered by whom we called, to the agent’s first sound',
    setupSeconds,
    { direction },
  ),
  voicechart_call_duration_seconds: histogram('From a call being taken up to its end', callSeconds, { direction }),
  voicechart_tool_calls_total: counter('Tools that were run in calls', { result: ['ok', 'failed'] }),
};

interface Seen {
  startedAt?: number;
  answeredAt?: number;
  isOut: boolean;
  spoke: boolean;
}

/** Calls by how they ended, how soon they were answered and how long they took. */
export function foldCalls(metrics: Metrics): (notice: CallNotice) => void {
  const calls = perCall<Seen>(() => ({ isOut: false, spoke: false }));

  function firstSound(seen: Seen, at: number): void {
    const since = seen.isOut ? seen.answeredAt : seen.startedAt;
    if (seen.spoke || since === undefined) return;
    seen.spoke = true;
    metrics.observe('voicechart_call_setup_seconds', { direction: directionOf(seen) }, (at - since) / 1000);
  }

  function ended({ startedAt, ...seen }: Seen, why: string, at: number): void {
    const direction = directionOf(seen);
    metrics.add('voicechart_calls_total', { direction, outcome: why.replaceAll(' ', '_') });
    if (startedAt !== undefined)
      metrics.observe('voicechart_call_duration_seconds', { direction }, (at - startedAt) / 1000);
  }

  return ({ call: { callKey }, draft }) => {
    const seen = calls.of(callKey);
    if (draft.kind === 'event') {
      if (draft.data.type === 'caller.answered') seen.answeredAt ??= draft.at;
      if (draft.data.type === 'playback.started') firstSound(seen, draft.at);
      if (draft.data.type === 'tool.finished')
        metrics.add('voicechart_tool_calls_total', { result: draft.data['ok'] === true ? 'ok' : 'failed' });
    }
    if (draft.kind === 'state' && isIn(draft.data['active'], 'dialing')) seen.isOut = true;
    if (draft.kind !== 'call') return;
    if (draft.data.what === 'started') seen.startedAt = draft.at;
    if (draft.data.what === 'dialled') seen.isOut = true;
    if (draft.data.what === 'restored') metrics.add('voicechart_calls_taken_up_total', {});
    if (draft.data.what !== 'ended') return;
    ended(seen, draft.data.why, draft.at);
    calls.forget(callKey);
  };
}

const directionOf = ({ isOut }: Pick<Seen, 'isOut'>): string => (isOut ? 'out' : 'in');
