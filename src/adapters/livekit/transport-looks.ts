import type { LineLook, WayLook } from '../../runtime/line-look.ts';
import type { RtcRoom } from './rtc.ts';

type RtcStats = Awaited<ReturnType<RtcRoom['getRtcStats']>>;
type Figures = RtcStats['publisherStats'];
type Received = { readonly ssrc: number; readonly received: number; readonly lost: number; readonly jitterMs: number };

/** Reads how the audio's packets do out of WebRTC's figures, which count from the start of each stream. */
export function createTransportLooks() {
  let before: Received | undefined;
  return {
    read({ publisherStats, subscriberStats }: RtcStats): Pick<LineLook, 'incoming' | 'outgoing'> {
      // A newer server has one connection for both ways: everything is among the publisher's.
      const all = [...publisherStats, ...subscriberStats];
      const [incoming, outgoing] = [incomingOf(all), outgoingOf(all)];
      const since = incoming && before?.ssrc === incoming.ssrc ? before : undefined;
      before = incoming ?? before;
      return { ...(incoming && { incoming: wayOf(incoming, since) }), ...(outgoing && { outgoing }) };
    },
  };
}

function wayOf({ received, lost, jitterMs }: Received, since: Received | undefined): WayLook {
  const [got, missed] = [received - (since?.received ?? 0), Math.max(0, lost - (since?.lost ?? 0))];
  return { jitterMs, ...(got + missed > 0 && { lossRatio: missed / (got + missed) }) };
}

/** Of the stream that came last: a caller who is back has a new one. */
function incomingOf(stats: Figures): Received | undefined {
  const streams = stats.flatMap(({ stats: each }) => {
    if (each.case !== 'inboundRtp' || each.value.stream?.kind !== 'audio') return [];
    const { stream, received: of } = each.value;
    const [received, lost] = [Number(of?.packetsReceived ?? 0), Number(of?.packetsLost ?? 0)];
    return [{ ssrc: stream.ssrc ?? 0, received, lost, jitterMs: (of?.jitter ?? 0) * 1000 }];
  });
  return streams.at(-1);
}

/** What LiveKit reports of what it got from us; nothing before its first report. */
function outgoingOf(stats: Figures): WayLook | undefined {
  for (const { stats: each } of stats) {
    if (each.case !== 'remoteInboundRtp' || each.value.stream?.kind !== 'audio') continue;
    const { received, remoteInbound: report } = each.value;
    return {
      lossRatio: report?.fractionLost ?? 0,
      jitterMs: (received?.jitter ?? 0) * 1000,
      ...(report?.roundTripTime === undefined ? {} : { roundTripMs: report.roundTripTime * 1000 }),
    };
  }
  return undefined;
}
