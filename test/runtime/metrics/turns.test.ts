import { describe, expect, it } from 'vitest';
import { createPrometheus } from '../../../src/adapters/prometheus/metrics.ts';
import { foldTurns } from '../../../src/runtime/metrics/turns.ts';
import { sampleOf } from '../../support/metrics-page.ts';

const call = { callKey: 'room/caller', room: 'room', epoch: 1, agent: 'tester' };

describe('latencies of turns', () => {
  it('D4.2 R7.3 R9.1 are counted by stage, in seconds; a turn decided before the caller fell silent took no time', async () => {
    const metrics = createPrometheus(() => {});
    const data = { turn: 2, endOfTurnMs: -30, modelMs: 250, ownMs: 4, replyMs: 800 };
    foldTurns(metrics)({ call, draft: { at: 0, kind: 'turn', data } });
    const page = await metrics.text();
    const sum = (stage: string) => sampleOf(page, 'voicechart_turn_stage_seconds_sum', { stage });
    expect(['end_of_turn', 'first_token', 'own', 'reply', 'first_audio'].map(sum)).toEqual([0, 0.25, 0.004, 0.8, 0]);
    expect(sampleOf(page, 'voicechart_turn_stage_seconds_count', { stage: 'first_audio' })).toBe(0);
    expect(sampleOf(page, 'voicechart_turn_stage_seconds_count', { stage: 'end_of_turn' })).toBe(1);
  });
});
