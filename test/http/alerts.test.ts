import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/failure.ts';
import { alertRoutes } from '../../src/http/alerts.ts';
import { alertBench, saidIn } from '../support/alert-bench.ts';
import { ask } from '../support/control-door.ts';
import { doorOf } from '../support/door.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const clock = createVirtualClock(1_800_000_000_000);
const bodies: string[] = [];
let answer: Failure | undefined;
let bench: ReturnType<typeof alertBench>;
const courier = { post: async ({ body }: { readonly body: string }) => (bodies.push(body), answer) };

beforeEach(() => {
  answer = undefined;
  bodies.length = 0;
  bench = alertBench({ clock, courier });
});
afterEach(() => bench.alerting.close());

const door = () => doorOf(alertRoutes({ alerts: bench.alerting }));

describe('GET /v1/alerts', () => {
  test('D5.4 R10.5 what is open and what was, newest first, page by page', async () => {
    for (const target of ['groq', 'redis', 'openai'])
      bench.alerting.raise({
        kind: 'target_status',
        target,
        severity: 'warning',
        summary: `${target} is slow`,
        facts: { ms: 7 },
      });
    bench.alerting.resolve({ kind: 'target_status', target: 'redis' });
    await clock.advance(2000);
    const first = await ask(door(), 'GET', '/v1/alerts?limit=2');
    expect(first.body.alerts).toMatchObject([
      { target: 'openai', state: 'open', count: 1, summary: 'openai is slow', facts: { ms: 7 } },
      { target: 'redis', state: 'resolved', resolvedAt: 1_800_000_000_000, toldAt: 1_800_000_002_000 },
    ]);
    const second = await ask(door(), 'GET', `/v1/alerts?limit=2&before=${first.body.next}`);
    const open = await ask(door(), 'GET', '/v1/alerts?state=open');
    expect(open.body.alerts.map(({ target }: any) => target)).toEqual(['openai', 'groq']);
    expect(await ask(door(), 'GET', '/v1/alerts?state=all')).toMatchObject({ status: 400, body: { field: 'state' } });
    expect([second.body.alerts.map(({ target }: any) => target), second.body.next]).toEqual([['groq'], undefined]);
  });
});

describe('POST /v1/alerts/test', () => {
  test('D5.4 is sent at once, past what waits, and what the receiver said is told', async () => {
    expect(await ask(door(), 'POST', '/v1/alerts/test')).toMatchObject({ status: 200, body: { delivered: true } });
    expect(bodies.map((body) => saidIn(body).data.alerts[0].kind)).toEqual(['test']);
    answer = {
      vendor: 'alert-webhook',
      phase: 'rest',
      class: 'api',
      retryable: true,
      message: 'the receiver answered with 500',
    };
    expect(await ask(door(), 'POST', '/v1/alerts/test')).toMatchObject({
      status: 502,
      body: { code: 'alert_undelivered', title: 'It could not be delivered: the receiver answered with 500' },
    });
    await bench.alerting.close();
    bench = alertBench({ clock });
    expect(await ask(door(), 'POST', '/v1/alerts/test')).toMatchObject({ status: 409, body: { code: 'alerts_unset' } });
  });
});
