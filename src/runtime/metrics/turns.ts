import type { CallNotice } from '../notices.ts';
import type { TurnTimings } from '../turn-timings.ts';
import { histogram } from './definition.ts';
import type { Metrics } from './metrics.ts';

const stageOf = {
  endOfTurnMs: 'end_of_turn',
  modelMs: 'first_token',
  clauseMs: 'first_clause',
  voiceMs: 'first_audio',
  ownMs: 'own',
  heldMs: 'held',
  replyMs: 'reply',
} as const satisfies Record<keyof Omit<TurnTimings, 'turn'>, string>;

const stages = Object.entries(stageOf) as readonly (readonly [keyof typeof stageOf, string])[];

export const turnMetrics = {
  voicechart_turn_stage_seconds: histogram(
    'Of one agent turn: caller’s last sound to turn decided (end_of_turn), model asked to first token, first token to first clause, voice asked to first audio, our own part (own), time held back until the turn was certain (held), caller’s last sound to agent’s first (reply)',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.5, 2, 2.5, 4, 8],
    { stage: Object.values(stageOf) },
  ),
};

/** Latencies of turns. One that was decided before the caller fell silent counts as decided at once. */
export const foldTurns =
  (metrics: Metrics) =>
  ({ draft }: CallNotice): void => {
    if (draft.kind !== 'turn') return;
    for (const [field, stage] of stages) {
      const ms = draft.data[field];
      if (typeof ms === 'number') metrics.observe('voicechart_turn_stage_seconds', { stage }, Math.max(0, ms) / 1000);
    }
  };
