import { describe, expect, it } from 'vitest';
import type { LineLook } from '../../../src/runtime/line-look.ts';
import { createHub } from '../../../src/runtime/hub.ts';
import { foldLinks, foldLooks } from '../../../src/runtime/metrics/line.ts';
import { foldedCall } from '../../support/metrics-fold.ts';

const joining = 'line.link.attached.joining';
const callKey = 'room-7/+15550100';
const well = { agent: 'excellent', caller: 'excellent' } as const;

describe('links in figures', () => {
  it('R7.3 a join is counted once, with how long it took', async () => {
    const call = foldedCall(foldLinks);
    call.state(0, joining);
    call.state(50, joining);
    call.event(300, 'line.joined');
    call.state(300, 'line.link.attached.joined.waiting');
    call.ended(9_000, 'caller hung up');
    expect(await call.figure('voicechart_room_connections_total', { result: 'ok' })).toBe(1);
    expect(await call.figure('voicechart_room_connections_total', { result: 'failed' })).toBe(0);
    expect(await call.figure('voicechart_room_connect_seconds_sum')).toBe(0.3);
  });

  it('R7.3 a join that failed, took too long or was cut short is a failed one', async () => {
    const call = foldedCall(foldLinks);
    call.state(0, joining);
    call.event(100, 'line.failed');
    call.state(100, 'line.link.rejoining');
    call.state(200, joining);
    call.state(10_200, 'line.link.rejoining');
    call.state(10_300, joining);
    call.ended(10_400, 'could not join');
    expect(await call.figure('voicechart_room_connections_total', { result: 'failed' })).toBe(3);
    expect(await call.figure('voicechart_room_link_events_total', { event: 'failed' })).toBe(1);
  });
});

describe('looks at lines in figures', () => {
  it('R7.3 R9.4 loss, jitter and round trip by way, time by quality, and each call by its worst', async () => {
    const looks = createHub<LineLook>(() => {});
    const look = looks.tell;
    const call = foldedCall((metrics) => {
      const lines = foldLooks(metrics);
      looks.listen(lines.look);
      return lines.notice;
    });
    const incoming = { lossRatio: 0.02, jitterMs: 8 };
    const outgoing = { lossRatio: 0, jitterMs: 1, roundTripMs: 40 };
    look({ callKey, sinceMs: 5_000, incoming, outgoing, quality: well, agentDb: -20 });
    look({ callKey, sinceMs: 1_000, quality: { agent: 'excellent', caller: 'poor' } });
    look({ callKey, sinceMs: 1_000, quality: well });
    call.ended(8_000, 'caller hung up');
    expect(await call.figure('voicechart_packet_loss_ratio_sum', { way: 'incoming' })).toBe(0.02);
    expect(await call.figure('voicechart_jitter_seconds_sum', { way: 'outgoing' })).toBe(0.001);
    expect(await call.figure('voicechart_round_trip_seconds_sum')).toBe(0.04);
    expect(await call.figure('voicechart_audio_level_ratio_sum', { side: 'agent' })).toBeCloseTo(0.1);
    const spent = (side: string, quality: string) =>
      call.figure('voicechart_connection_quality_seconds_total', { side, quality });
    expect([
      await spent('caller', 'excellent'),
      await spent('caller', 'poor'),
      await spent('agent', 'excellent'),
    ]).toEqual([6, 1, 7]);
    expect(await call.figure('voicechart_calls_by_worst_quality_total', { quality: 'poor' })).toBe(1);
    expect(await call.figure('voicechart_calls_by_worst_quality_total', { quality: 'excellent' })).toBe(0);
  });
});
