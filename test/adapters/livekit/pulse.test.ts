import { describe, expect, it } from 'vitest';
import { watchPulse } from '../../../src/adapters/livekit/pulse.ts';
import type { RtcRoom } from '../../../src/adapters/livekit/rtc.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** A room whose server acknowledges what it is sent, or is dead; and what was found out about it. */
function bed(options: { readonly soundAt?: () => number | undefined } = {}) {
  const clock = createVirtualClock(1_000_000);
  let packetAt = clock.now();
  let alive = true;
  let pings = 0;
  const told: string[] = [];
  const room = {
    getRtcStats: async () => ({
      publisherStats: [
        { stats: { case: 'candidatePair', value: { candidatePair: { lastPacketReceivedTimestamp: packetAt } } } },
      ],
      subscriberStats: [],
    }),
    localParticipant: {
      async publishData() {
        pings += 1;
        if (alive) packetAt = clock.now();
      },
    },
  } as unknown as RtcRoom;
  const began = clock.now();
  const pulse = watchPulse({
    clock,
    room,
    soundAt: options.soundAt ?? (() => began),
    lost: (aliveAt) => told.push(`lost since ${aliveAt - began}`),
    found: () => told.push('found'),
  });
  return {
    clock,
    pulse,
    told,
    pings: () => pings,
    die: () => void (alive = false),
    revive() {
      alive = true;
      packetAt = clock.now();
    },
  };
}

describe('the pulse of a link', () => {
  it('R9.3 is not felt while sound comes', async () => {
    const { clock, pings } = bed({ soundAt: () => clock.now() });
    await clock.advance(60_000);
    expect(pings()).toBe(0);
  });

  it('R9.3 of a caller who sends digital silence goes on', async () => {
    const { clock, told, pings } = bed();
    await clock.advance(60_000);
    expect([told, pings() > 50]).toEqual([[], true]);
  });

  it('R9.3 is lost within 1.5 s of the last packet, and found when packets come again', async () => {
    const { clock, told, die, revive } = bed();
    await clock.advance(1000);
    die();
    const lastly = Math.round(clock.now());
    await clock.advance(1750);
    expect(told).toEqual([expect.stringMatching(/^lost since \d+$/)]);
    expect(lastly).toBeLessThanOrEqual(clock.now());
    await clock.advance(5000);
    revive();
    await clock.advance(250);
    expect(told.slice(1)).toEqual(['found']);
  });

  it('R9.3 is felt no more once it is stopped, and not before the caller was ever heard', async () => {
    const unheard = bed({ soundAt: () => undefined });
    unheard.die();
    await unheard.clock.advance(10_000);
    const { clock, told, pulse, die } = bed();
    die();
    pulse.stop();
    await clock.advance(10_000);
    expect([told, unheard.told]).toEqual([[], []]);
  });
});
