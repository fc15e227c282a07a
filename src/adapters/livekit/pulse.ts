import type { Clock, TimerId } from '../../clock.ts';
import type { RtcRoom } from './rtc.ts';

interface PulseOptions {
  readonly clock: Clock;
  readonly room: RtcRoom;
  /** When the caller's last sound came that is no digital silence; nothing before his first. */
  readonly soundAt: () => number | undefined;
  /** Nothing has come from the server since then, though it was asked. */
  readonly lost: (aliveAt: number) => void;
  /** Something comes again. */
  readonly found: () => void;
}

export interface Pulse {
  stop(): void;
}

/** Sound is proof enough; without any for so long the packets are looked at. */
const soundMs = 300;
const lookEveryMs = 250;
/** A server answers within its round trip. */
const lostAfterMs = 1000;
const fewestPings = 3;
const topic = 'voicechart.pulse';

/**
 * Tells a dead link from a silent caller, long before the library does: a room whose node died leaves it "connected" for ten
 * seconds, in which it plays digital silence. Data that is meant for nobody makes the server acknowledge it on the media's own way.
 */
export function watchPulse({ clock, room, soundAt, lost, found }: PulseOptions): Pulse {
  let lostAt: number | undefined;
  let pings = 0;
  let over = false;
  let timer: TimerId = clock.setTimeout(next, lookEveryMs);

  async function next(): Promise<void> {
    const heardAt = soundAt();
    if (lostAt !== undefined || (heardAt !== undefined && clock.now() - heardAt > soundMs)) await look();
    if (!over) timer = clock.setTimeout(next, lookEveryMs);
  }

  async function look(): Promise<void> {
    const packetAt = await lastPacketAt(room);
    if (over || packetAt === undefined) return;
    if (lostAt !== undefined && packetAt > lostAt) return back();
    const silentMs = clock.now() - packetAt;
    if (lostAt !== undefined || silentMs <= soundMs) pings = 0;
    else if (pings >= fewestPings && silentMs >= lostAfterMs) miss(packetAt);
    else ping();
  }

  function ping(): void {
    pings += 1;
    const options = { reliable: false, topic, destination_identities: [topic] };
    room.localParticipant?.publishData(new Uint8Array(1), options).catch(() => undefined);
  }

  function miss(aliveAt: number): void {
    lostAt = aliveAt;
    lost(aliveAt);
  }

  function back(): void {
    lostAt = undefined;
    found();
  }

  return {
    stop() {
      over = true;
      clock.clearTimeout(timer);
    },
  };
}

/** By the wall clock, as WebRTC tells it of each pair of addresses. */
async function lastPacketAt(room: RtcRoom): Promise<number | undefined> {
  const stats = await room.getRtcStats().catch(() => undefined);
  const all = stats ? [...stats.publisherStats, ...stats.subscriberStats] : [];
  const times = all.flatMap(({ stats: { case: kind, value } }) =>
    kind === 'candidatePair' ? [value.candidatePair?.lastPacketReceivedTimestamp ?? 0] : [],
  );
  const latest = Math.max(0, ...times);
  return latest > 0 ? latest : undefined;
}
