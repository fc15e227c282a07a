import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foldCalls, outcomes } from '../../../src/runtime/metrics/calls.ts';
import { foldedCall } from '../../support/metrics-fold.ts';

const machines = join(import.meta.dirname, '../../../src/machines/call');

describe('calls in figures', () => {
  it('R7.3 are counted by why they ended, with the time to the agent’s first sound and to the end', async () => {
    const call = foldedCall(foldCalls);
    call.started(1_000);
    call.event(2_500, 'playback.started', { turn: 1 });
    call.event(9_000, 'playback.started', { turn: 2 });
    call.ended(61_000, 'caller hung up');
    const [direction, outcome] = ['in', 'caller_hung_up'];
    expect(await call.figure('voicechart_calls_total', { direction, outcome })).toBe(1);
    expect(await call.figure('voicechart_call_setup_seconds_sum', { direction })).toBe(1.5);
    expect(await call.figure('voicechart_call_setup_seconds_count', { direction })).toBe(1);
    expect(await call.figure('voicechart_call_duration_seconds_sum', { direction })).toBe(60);
  });

  it('of a call out the time counts from its being answered', async () => {
    const call = foldedCall(foldCalls);
    call.started(0);
    call.state(0, 'conversation.dialing.ringing');
    call.event(20_000, 'caller.answered');
    call.event(20_800, 'playback.started');
    call.ended(30_000, 'agent said goodbye');
    expect(await call.figure('voicechart_call_setup_seconds_sum', { direction: 'out' })).toBe(0.8);
    expect(await call.figure('voicechart_calls_total', { direction: 'out', outcome: 'agent_said_goodbye' })).toBe(1);
  });

  it('one that is taken up again says so, and its beginning is not made up', async () => {
    const call = foldedCall(foldCalls);
    call.restored(5_000);
    call.event(6_000, 'playback.started');
    call.ended(9_000, 'caller hung up');
    expect(await call.figure('voicechart_calls_taken_up_total')).toBe(1);
    expect(await call.figure('voicechart_call_setup_seconds_count', { direction: 'in' })).toBe(0);
    expect(await call.figure('voicechart_call_duration_seconds_count', { direction: 'in' })).toBe(0);
  });

  it('tools are counted by whether they could be run', async () => {
    const call = foldedCall(foldCalls);
    call.event(1, 'tool.finished', { ok: true });
    call.event(2, 'tool.finished', { ok: false });
    expect(await call.figure('voicechart_tool_calls_total', { result: 'ok' })).toBe(1);
    expect(await call.figure('voicechart_tool_calls_total', { result: 'failed' })).toBe(1);
  });

  it('every reason that the machine of a call can give has a value of its own', () => {
    const text = readdirSync(machines).map((file) => readFileSync(join(machines, file), 'utf8'));
    const reasons = [
      ...text.join('\n').matchAll(/(?:because|leave|close|fenced)\('([^']+)'\)|params: '([a-z ]+ [a-z]+)'/g),
    ];
    const named = reasons.map(([, called, given]) => (called ?? given ?? '').replaceAll(' ', '_'));
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter((each) => !outcomes.some((known) => known === each))).toEqual([]);
  });
});
