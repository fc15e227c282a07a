import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createMemoryPostures } from '../../src/adapters/memory/posture-store.ts';
import { recoveryRoutes } from '../../src/http/recovery.ts';
import { ask } from '../support/control-door.ts';
import { doorOf } from '../support/door.ts';
import { fails, never, overloaded, recoveryHostBench, refused } from '../support/recovery-harness.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const clock = createVirtualClock(1_800_000_000_000);
let bench: ReturnType<typeof recoveryHostBench>;

beforeEach(async () => {
  bench = recoveryHostBench(createMemoryPostures(clock).open(), clock, {
    outcomes: { retryAccess: fails(refused), switchToBackup: fails(refused) },
  });
  await clock.settle();
});
afterEach(() => bench.recovery.close());

const door = () => doorOf(recoveryRoutes({ recovery: bench.recovery, clock }));

const acknowledged = () => ask(door(), 'POST', '/v1/recovery/acknowledge', {});

async function broken() {
  bench.tells('livekit-room', 'unhealthy', refused);
  await clock.settle();
}

describe('the door to recovery', () => {
  test('D8.2 GET /v1/recovery tells where it is, what stands and what it waits for', async () => {
    expect(await ask(door(), 'GET', '/v1/recovery')).toMatchObject({
      status: 200,
      body: {
        value: { course: { running: 'monitoring' }, standing: 'normal' },
        active: expect.arrayContaining(['recovery.course.running.monitoring', 'recovery.standing.normal']),
        posture: { version: 0, mode: 'normal' },
        leads: true,
        incidents: [],
        waitsFor: { work: [], delays: [{ name: 'recoveryReconsiders' }], acknowledgement: [], health: [] },
      },
    });
    await broken();
    expect((await ask(door(), 'GET', '/v1/recovery')).body).toMatchObject({
      posture: { version: 1, mode: 'failsafe' },
      incidents: [{ target: 'livekit-room', critical: true, failure: { httpStatus: 401 } }],
      waitsFor: { acknowledgement: ['livekit-room'], health: ['livekit-room'] },
      statuses: { 'livekit-room': { status: 'unhealthy' } },
      journal: expect.arrayContaining([expect.objectContaining({ box: 'alerting', did: 'sendAlert' })]),
    });
  });

  test('D8.8 POST /v1/recovery/acknowledge has it looked at', async () => {
    await broken();
    expect(await acknowledged()).toMatchObject({
      status: 202,
      body: { looksAt: ['livekit-room'] },
    });
    await clock.settle();
    expect((await ask(door(), 'GET', '/v1/recovery')).body.incidents).toEqual([]);
  });

  test('D8.8 nothing is acknowledged where nothing is open, or something else is mended', async () => {
    expect(await acknowledged()).toMatchObject({ status: 409, body: { code: 'recovery_nothing_open' } });
    await broken();
    bench.world.outcomes = { checkStatus: never };
    bench.tells('groq', 'unhealthy', overloaded);
    expect(await acknowledged()).toMatchObject({ status: 409, body: { code: 'recovery_busy', retryable: true } });
  });

  test('D5.3 GET /v1/recovery/events tells each change', async () => {
    const response = await door().request('/v1/recovery/events', { headers: { host: '127.0.0.1' } });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const read = async () => JSON.parse((await reader.read()).value!.split('data: ')[1]!);
    expect((await reader.read()).value).toContain('retry:');
    const first = await read();
    expect(first).toMatchObject({ posture: { mode: 'normal' } });
    await broken();
    let last = first;
    // oxlint-disable-next-line no-await-in-loop
    while (last.posture.mode !== 'failsafe') last = await read();
    expect(last.seq).toBeGreaterThan(first.seq);
    await reader.cancel();
  });
});
