import { connectionQualities, type ConnectionQuality, type LineLook, type WayLook } from '../line-look.ts';
import type { CallNotice } from '../notices.ts';
import { counter, histogram } from './definition.ts';
import type { Metrics } from './metrics.ts';
import { isIn, perCall } from './per-call.ts';
import { amplitudeOf, sides } from './talk.ts';

const way = ['incoming', 'outgoing'] as const;
const quality = connectionQualities;

export const lineMetrics = {
  voicechart_room_connections_total: counter('Tries to join a room, of new calls and of calls whose line was lost', {
    result: ['ok', 'failed'],
  }),
  voicechart_room_connect_seconds: histogram(
    'From wanting to join a room to being in it with a published track',
    [0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10],
  ),
  voicechart_room_link_events_total: counter('What happened to the links of calls to their rooms', {
    event: ['reconnecting', 'reconnected', 'failed', 'fenced', 'closed'],
  }),
  voicechart_packet_loss_ratio: histogram(
    'Lost of the packets that were due between two looks, of one call',
    [0, 0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5],
    { way },
  ),
  voicechart_jitter_seconds: histogram(
    'Jitter of a call’s packets',
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2],
    { way },
  ),
  voicechart_round_trip_seconds: histogram(
    'From us to LiveKit and back, of a call’s packets',
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1],
  ),
  voicechart_connection_quality_seconds_total: counter(
    'Time that connections of calls spent at each quality, as LiveKit judges it',
    {
      side: sides,
      quality,
    },
  ),
  voicechart_dead_air_seconds_total: counter(
    'Time in which callers sent nothing but digital silence, which a telephone that is there hardly ever does',
  ),
  voicechart_calls_by_worst_quality_total: counter(
    'Calls that are over, by the worst quality that either side’s connection had',
    {
      quality,
    },
  ),
};

/** Joins, by how they went and how long they took, and what became of links. */
export function foldLinks(metrics: Metrics): (notice: CallNotice) => void {
  const joining = perCall<{ since?: number | undefined }>(() => ({}));

  function joined(callKey: string, at: number): void {
    const call = joining.of(callKey);
    metrics.add('voicechart_room_connections_total', { result: 'ok' });
    if (call.since !== undefined) metrics.observe('voicechart_room_connect_seconds', {}, (at - call.since) / 1000);
    call.since = undefined;
  }

  function failed(callKey: string): void {
    const call = joining.of(callKey);
    if (call.since !== undefined) metrics.add('voicechart_room_connections_total', { result: 'failed' });
    call.since = undefined;
  }

  return ({ call: { callKey }, draft }) => {
    if (draft.kind === 'call' && draft.data.what === 'ended') {
      failed(callKey);
      return joining.forget(callKey);
    }
    if (draft.kind === 'state' && draft.data.machine === 'call') {
      if (isIn(draft.data['active'], 'attached.joining')) joining.of(callKey).since ??= draft.at;
      else failed(callKey);
    }
    if (draft.kind !== 'event' || !draft.data.type.startsWith('line.')) return;
    const event = draft.data.type.slice('line.'.length);
    if (event === 'joined') return joined(callKey, draft.at);
    if (event === 'failed') failed(callKey);
    if (linkEvents.has(event)) metrics.add('voicechart_room_link_events_total', { event });
  };
}

const linkEvents = new Set<string>(lineMetrics.voicechart_room_link_events_total.labels.event);

/** How lines do, from looks at them; a call is counted by its worst quality when it is over. */
export function foldLooks(metrics: Metrics): { look(seen: LineLook): void; notice(notice: CallNotice): void } {
  const calls = perCall<{ worst?: ConnectionQuality }>(() => ({}));
  return {
    look({ callKey, sinceMs, quality, agentDb, deadAirMs = 0, ...ways }) {
      for (const each of way) noteWay(metrics, each, ways[each]);
      for (const side of sides) {
        const now = quality[side];
        if (now === undefined) continue;
        const call = calls.of(callKey);
        call.worst = worse(now, call.worst);
        metrics.add('voicechart_connection_quality_seconds_total', { side, quality: now }, sinceMs / 1000);
      }
      if (deadAirMs > 0) metrics.add('voicechart_dead_air_seconds_total', {}, Math.min(deadAirMs, sinceMs) / 1000);
      if (agentDb !== undefined)
        metrics.observe('voicechart_audio_level_ratio', { side: 'agent' }, amplitudeOf(agentDb));
    },
    notice({ call: { callKey }, draft }) {
      if (draft.kind !== 'call' || draft.data.what !== 'ended') return;
      const { worst } = calls.of(callKey);
      if (worst !== undefined) metrics.add('voicechart_calls_by_worst_quality_total', { quality: worst });
      calls.forget(callKey);
    },
  };
}

function noteWay(metrics: Metrics, way: string, look: WayLook | undefined): void {
  const { lossRatio, jitterMs, roundTripMs } = look ?? {};
  if (lossRatio !== undefined) metrics.observe('voicechart_packet_loss_ratio', { way }, lossRatio);
  if (jitterMs !== undefined) metrics.observe('voicechart_jitter_seconds', { way }, jitterMs / 1000);
  if (roundTripMs !== undefined) metrics.observe('voicechart_round_trip_seconds', {}, roundTripMs / 1000);
}

const worse = (a: ConnectionQuality, b: ConnectionQuality = 'excellent'): ConnectionQuality =>
  connectionQualities.indexOf(a) > connectionQualities.indexOf(b) ? a : b;
