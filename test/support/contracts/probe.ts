import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../emulators/kit/front.ts';
import type { Probe } from '../../../src/actors/probe.ts';
import type { Clock } from '../../../src/clock.ts';
import { systemClock } from '../../../src/clock.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

export interface ProbeWorld {
  /** One that looks at this port of 127.0.0.1. */
  at(port: number, clock: Clock): Probe;
  /** Port of the real thing, or of what stands in for it, well. */
  well(): Promise<number>;
  readonly udp?: boolean;
  /** Of what class it is that nobody is there. */
  readonly gone: 'network' | 'sip';
  /** What must not be seen in anything it says. */
  readonly secret?: string;
}

const forever = new AbortController().signal;

/** What every `Probe` keeps to. */
export function probeContract(name: string, world: ProbeWorld): void {
  describe(`${name} as Probe`, () => {
    test('D5.1 what is well is seen to be, with how long it took', async () => {
      const glance = await world.at(await world.well(), systemClock).look(forever);
      expect(glance).toEqual({ tookMs: expect.any(Number) });
      expect(glance.tookMs).toBeGreaterThanOrEqual(0);
    });

    test('D5.1 nobody there is a failure, without a secret in it', async () => {
      const { failure } = await world.at(await freeTcpPort(), systemClock).look(forever);
      expect(failure).toMatchObject({ class: world.gone, retryable: true, message: expect.stringMatching(/\w/) });
      if (world.secret !== undefined) expect(JSON.stringify(failure)).not.toContain(world.secret);
    });

    test('D5.1 whoever hangs is given up in time, and leaves nothing behind', async () => {
      const clock = createVirtualClock();
      const looking = world.at(await silent(world.udp), clock).look(forever);
      await expect.poll(() => clock.pending()).toBeGreaterThan(0);
      await clock.advance(5_000);
      const { tookMs, failure } = await looking;
      expect([failure?.class, failure?.sub]).toEqual([world.gone, 'stall']);
      expect(tookMs).toBeLessThanOrEqual(5_000);
      await passUntilQuiet(clock);
    });

    test('ends when nobody waits any more, at once when nobody ever did', async () => {
      const clock = createVirtualClock();
      const stop = new AbortController();
      const probe = world.at(await silent(world.udp), clock);
      const looking = probe.look(stop.signal);
      stop.abort();
      expect((await looking).failure).toBeDefined();
      expect((await probe.look(stop.signal)).failure).toBeDefined();
      await passUntilQuiet(clock);
    });
  });
}

/** What was already on its way ends by its own time limit. */
async function passUntilQuiet(clock: VirtualClock): Promise<void> {
  await expect.poll(async () => (await clock.advance(10_000), clock.pending())).toBe(0);
}

/** A port where somebody listens and says nothing. */
async function silent(udp = false): Promise<number> {
  if (udp) {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => void socket.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => void socket.close());
    return socket.address().port;
  }
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listen(server, 0);
}
