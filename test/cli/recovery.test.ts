import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPostures } from '../../src/adapters/memory/posture-store.ts';
import { recovery } from '../../src/cli/recovery.ts';
import { systemClock } from '../../src/clock.ts';
import { listen, type Listener } from '../../src/http/listen.ts';
import { recoveryRoutes } from '../../src/http/recovery.ts';
import { runCli, widthOf } from '../support/cli.ts';
import { doorOf } from '../support/door.ts';
import { fails, recoveryHostBench, refused } from '../support/recovery-harness.ts';

let listener: Listener;
let bench: ReturnType<typeof recoveryHostBench>;

beforeEach(async () => {
  const outcomes = { retryAccess: fails(refused), switchToBackup: fails(refused) };
  bench = recoveryHostBench(createMemoryPostures(systemClock).open(), systemClock, { outcomes });
  const door = doorOf(recoveryRoutes({ recovery: bench.recovery, clock: systemClock }));
  const address = { host: '127.0.0.1', port: 0 };
  listener = await listen(door, { address, setting: 'API_ADDR', clock: systemClock });
  await expect.poll(() => bench.recovery.view().leads).toBe(true);
});
afterEach(async () => {
  await listener.close();
  await bench.recovery.close();
});

const run = (...args: readonly string[]) => runCli(recovery, [...args, '--api', listener.url], {});

async function broken() {
  bench.tells('livekit-room', 'unhealthy', refused);
  await expect.poll(() => bench.recovery.view().posture.mode).toBe('failsafe');
}

describe('voicechart recovery', () => {
  it('help fits a terminal', async () => {
    const { code, out } = await run('--help');
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
  });

  it('D8.2 status tells where it is, and by its exit code whether all is normal', async () => {
    const calm = await run('status');
    expect([calm.code, calm.out.split('\n').slice(0, 2)]).toEqual([
      0,
      ['state    running.monitoring', 'posture  normal (written here)'],
    ]);
    await broken();
    const { code, out } = await run('status');
    expect([code, out]).toEqual([2, expect.stringMatching(/^posture {2}failsafe \(written here\)$/m)]);
    expect(out).toMatch(/^open {5}livekit-room \(critical\) since \d{4}-\S+Z: auth trouble$/m);
    expect(out).toMatch(/^waits {4}livekit-room to be healthy$/m);
    expect(out).toMatch(/Z {2}alerting livekit-room: sendAlert$/m);
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ posture: { mode: 'failsafe' } });
  });

  it('D8.8 ack has what was mended by hand looked at', async () => {
    expect(await run('ack')).toMatchObject({ code: 1, notes: expect.stringContaining('Nothing waits to be mended') });
    await broken();
    expect(await run('ack')).toMatchObject({ code: 0, notes: expect.stringContaining('looks at livekit-room;') });
    await expect.poll(() => bench.closed).toEqual(['livekit-room']);
  });

  it('tells how it is written', async () => {
    expect(await run('stat')).toMatchObject({ code: 64, notes: expect.stringContaining('status or ack') });
    expect(await run('ack', 'all')).toMatchObject({ code: 64 });
  });
});
