import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { alerts } from '../../src/cli/alerts.ts';
import type { Failure } from '../../src/failure.ts';
import { alertRoutes } from '../../src/http/alerts.ts';
import { listen, type Listener } from '../../src/http/listen.ts';
import { alertBench } from '../support/alert-bench.ts';
import { runCli, widthOf } from '../support/cli.ts';
import { doorOf } from '../support/door.ts';

let listener: Listener;
let bench: ReturnType<typeof alertBench>;
let answer: Failure | undefined;

beforeEach(async () => {
  answer = undefined;
  bench = alertBench({ clock: systemClock, courier: { post: async () => answer } });
  const address = { host: '127.0.0.1', port: 0 };
  const door = doorOf(alertRoutes({ alerts: bench.alerting }));
  listener = await listen(door, { address, setting: 'API_ADDR', clock: systemClock });
});
afterEach(async () => {
  await listener.close();
  await bench.alerting.close();
});

const run = (...args: readonly string[]) => runCli(alerts, [...args, '--api', listener.url], {});

describe('voicechart alerts', () => {
  it('help fits a terminal', async () => {
    const { code, out } = await run('--help');
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
  });

  it('D5.4 list shows what is wrong, and what was', async () => {
    expect((await run('list')).out).toBe('There are no alerts.\n');
    const down = { kind: 'target_status', severity: 'critical', summary: 'it is down' } as const;
    for (const target of ['redis', 'groq', 'groq']) bench.alerting.raise({ ...down, target });
    bench.alerting.resolve({ ...down, target: 'redis' });
    const { out } = await run('list');
    expect(out.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^\d{4}-.*Z {2}open {6}critical {2}target_status groq \(2 times\): it is down$/),
      expect.stringMatching(/Z {2}resolved {2}critical {2}target_status redis: it is down$/),
    ]);
    expect(JSON.parse((await run('list', '--open', '--json')).out).alerts).toMatchObject([
      { target: 'groq', count: 2 },
    ]);
  });

  it('D5.4 test tells whether the receiver took it, and what it said otherwise', async () => {
    expect(await run('test')).toMatchObject({ code: 0, notes: 'the receiver took the test alert\n' });
    answer = {
      vendor: 'alert-webhook',
      phase: 'rest',
      class: 'auth',
      retryable: false,
      message: 'the receiver answered with 401',
    };
    const { code, notes } = await run('test');
    expect([code, notes]).toEqual([
      69,
      expect.stringContaining('could not be delivered: the receiver answered with 401'),
    ]);
  });

  it('tells how it is written', async () => {
    expect(await run('lost')).toMatchObject({ code: 64, notes: expect.stringContaining('list or test') });
    expect(await run('list', 'more')).toMatchObject({ code: 64 });
    expect(await run('list', '--limit', 'x')).toMatchObject({ code: 64 });
  });
});
