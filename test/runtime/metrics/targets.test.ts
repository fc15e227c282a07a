import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/failure.ts';
import { rpcs } from '../../../src/runtime/metrics/livekit-rpcs.ts';
import { foldFailures, foldSightings, foldStatuses } from '../../../src/runtime/metrics/targets.ts';
import { everyRpc } from '../../livekit/every-rpc.ts';
import { foldedCall, openFigures } from '../../support/metrics-fold.ts';

const failure: Failure = { vendor: 'groq', phase: 'stream', class: 'network', retryable: true, message: 'cut' };

describe('what an instance depends on in figures', () => {
  it('R7.3 requests to LiveKit’s API are timed by method, and counted by how they went', async () => {
    const { metrics, figure } = openFigures();
    const see = foldSightings(metrics);
    const asked = { target: 'livekit-room', by: 'use', at: 1, operation: 'ListRooms' } as const;
    see({ ...asked, tookMs: 30 });
    see({ ...asked, tookMs: 90, failure });
    expect(await figure('voicechart_livekit_api_seconds_sum', { rpc: 'ListRooms' })).toBeCloseTo(0.12);
    expect(await figure('voicechart_livekit_api_requests_total', { rpc: 'ListRooms', result: 'ok' })).toBe(1);
    expect(await figure('voicechart_livekit_api_requests_total', { rpc: 'ListRooms', result: 'network' })).toBe(1);
    expect(await figure('voicechart_probes_total', { target: 'livekit-room', result: 'ok' })).toBe(0);
  });

  it('R7.2 each method of LiveKit’s API has a value of its own', () => {
    expect([...rpcs]).toEqual(Object.keys(everyRpc).map((name) => name.split('/')[1]));
  });

  it('D5.1 probes are counted and timed by target', async () => {
    const { metrics, figure } = openFigures();
    foldSightings(metrics)({ target: 'redis', by: 'probe', at: 1, operation: 'PING', tookMs: 2 });
    expect(await figure('voicechart_probes_total', { target: 'redis', result: 'ok' })).toBe(1);
    expect(await figure('voicechart_last_probe_seconds', { target: 'redis' })).toBe(0.002);
  });

  it('vendors are counted by what was asked and how it went; how soon they answered counts when they did', async () => {
    const { metrics, figure } = openFigures();
    const see = foldSightings(metrics);
    const asked = { target: 'groq', by: 'use', at: 1, operation: 'model' } as const;
    see({ ...asked, tookMs: 200 });
    see({ ...asked, tookMs: 900, failure });
    const labels = { vendor: 'groq', operation: 'model' };
    expect(await figure('voicechart_vendor_requests_total', { ...labels, result: 'network' })).toBe(1);
    expect(await figure('voicechart_vendor_first_result_seconds_sum', labels)).toBe(0.2);
    expect(await figure('voicechart_vendor_first_result_seconds_count', labels)).toBe(1);
  });

  it('failures that a call met are counted by vendor, phase and class', async () => {
    const call = foldedCall(foldFailures);
    call.event(1, 'model.failed', { failure });
    call.event(2, 'caller.answered');
    const labels = { vendor: 'groq', phase: 'stream', class: 'network' };
    expect(await call.figure('voicechart_call_failures_total', labels)).toBe(1);
  });

  it('D5.2 the status of a target is 1, the others are 0', async () => {
    const { metrics, figure } = openFigures();
    foldStatuses(metrics)({ target: 'redis', status: 'healthy', at: 1 });
    foldStatuses(metrics)({ target: 'redis', status: 'unhealthy', at: 2 });
    const now = (status: string) => figure('voicechart_target_status', { target: 'redis', status });
    expect([await now('healthy'), await now('degraded'), await now('unhealthy')]).toEqual([0, 0, 1]);
  });
});
