import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAlertWebhook, type AlertWebhookOptions } from '../../../src/adapters/alert-webhook/courier.ts';
import { systemClock } from '../../../src/clock.ts';
import type { AlertNews } from '../../../src/runtime/alerting.ts';
import type { Alert } from '../../../src/runtime/alerts.ts';
import { Secret } from '../../../src/secret.ts';
import { alertBench, saidIn } from '../../support/alert-bench.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const bytes = [Buffer.alloc(32, 7), Buffer.alloc(24, 9)] as const;
const secrets = bytes.map((each) => new Secret(`whsec_${each.toString('base64')}`));
const message = { id: 'msg_1', body: '{"type":"alerts"}' };
const stay = () => new AbortController().signal;

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
  readonly body: string;
}

let got: Got[];
let answers: (response: ServerResponse) => void;
let server: Server;

const serve = (port = 0) =>
  new Promise<number>((resolve) => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got.push({ headers: request.headers, url: request.url ?? '', body: Buffer.concat(parts).toString() });
        answers(response);
      });
    }).listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
const shut = () =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

let port: number;
beforeEach(async () => {
  got = [];
  answers = (response) => void response.writeHead(204).end();
  port = await serve();
});
afterEach(shut);

const courierOf = (more: Partial<AlertWebhookOptions> = {}) =>
  createAlertWebhook({
    url: new Secret(`http://receiver.test:${port}/hook?token=canary-token`),
    secrets,
    allowInside: true,
    resolve: async () => ['127.0.0.1'],
    clock: systemClock,
    ...more,
  });
const post = (more?: Partial<AlertWebhookOptions>) => courierOf(more).post(message, { signal: stay() });

describe('webhook of alerts', () => {
  test('D5.4 is signed as Standard Webhooks have it, by each secret while they change', async () => {
    expect(await post()).toBeUndefined();
    const [{ headers, url, body } = { headers: {}, url: '', body: '' }] = got;
    expect([url, body, headers['webhook-id'], headers['content-type']]).toEqual([
      '/hook?token=canary-token',
      message.body,
      'msg_1',
      'application/json',
    ]);
    const at = String(headers['webhook-timestamp']);
    expect(Math.abs(Number(at) - Date.now() / 1000)).toBeLessThan(60);
    const signed = (key: Buffer) => `v1,${createHmac('sha256', key).update(`msg_1.${at}.${body}`).digest('base64')}`;
    expect(headers['webhook-signature']).toBe(`${signed(bytes[0])} ${signed(bytes[1])}`);
  });

  test('D5.4 signs like the example of the specification', async () => {
    const { signedHeaders } = await import('../../../src/adapters/alert-webhook/signature.ts');
    const example = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    const key = new Secret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    expect(signedHeaders(example, [key], 1_614_265_330_000)['webhook-signature']).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  test.each([
    [500, { class: 'api', retryable: true, httpStatus: undefined }],
    [410, { class: 'api', retryable: false }],
    [401, { class: 'auth', retryable: false }],
    [302, { class: 'api', retryable: false }],
  ])('a receiver that answers with %i has not taken it, and is not followed', async (status, failure) => {
    answers = (response) => void response.writeHead(status, { location: `http://127.0.0.1:${port}/other` }).end('no');
    expect(await post()).toMatchObject({ vendor: 'alert-webhook', class: failure.class, retryable: failure.retryable });
    expect(got).toHaveLength(1);
  });

  test('says when it wants to be asked again', async () => {
    answers = (response) => void response.writeHead(429, { 'retry-after': '7' }).end();
    expect(await post()).toMatchObject({ retryable: true, retryAfterMs: 7000 });
  });

  test('a receiver that takes too long is left, and one that is dead is told without its address', async () => {
    answers = () => undefined;
    expect(await post({ withinMs: 50 })).toMatchObject({ class: 'network', sub: 'stall', retryable: true });
    await shut();
    const failure = await post();
    expect(failure).toMatchObject({ class: 'network', retryable: true, errno: 'ECONNREFUSED' });
    expect(JSON.stringify(failure)).not.toMatch(/canary|receiver\.test/);
    await serve(port);
  });

  test('D5.4 goes to no address inside unless that is allowed, whatever its name answers', async () => {
    for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1'])
      // oxlint-disable-next-line no-await-in-loop
      expect(
        await post({ allowInside: false, resolve: async () => ['93.184.216.34', address] }),
        address,
      ).toMatchObject({
        class: 'api',
        retryable: false,
        message: expect.stringContaining('ALERT_WEBHOOK_INSIDE'),
      });
    const literal = new Secret(`http://[::1]:${port}/`);
    expect(await post({ allowInside: false, url: literal })).toMatchObject({ retryable: false });
    expect(got).toEqual([]);
  });
});

describe('a receiver that is dead and comes back', () => {
  const down: Alert = { kind: 'target_status', target: '', severity: 'critical', summary: 'down' };

  test('D5.4 of 10,000 alerts each kind and target is delivered with its count, and nothing waited meanwhile', async () => {
    const clock = createVirtualClock(1_800_000_000_000);
    await shut();
    const { alerting } = alertBench({ clock, courier: courierOf() });
    const heard = (change: AlertNews['change'], count: number) =>
      new Promise<void>((resolve) => {
        let left = count;
        const end = alerting.news.listen((news) => {
          if (news.change !== change || --left > 0) return;
          end();
          resolve();
        });
      });
    const refused = heard('undelivered', 50);
    const began = performance.now();
    for (let at = 0; at < 10_000; at += 1) alerting.raise({ ...down, target: `t${at % 100}` });
    expect(performance.now() - began).toBeLessThan(5000);
    await clock.advance(2000);
    await refused;
    for (let at = 0; at < 100; at += 2) alerting.resolve({ ...down, target: `t${at}` });
    await serve(port);
    const delivered = heard('delivered', 100);
    const ticking = setInterval(() => void clock.advance(1000), 5);
    await delivered;
    clearInterval(ticking);
    await alerting.close();
    const told = got.flatMap(
      ({ body }) => saidIn(body).data.alerts as { target: string; state: string; count: number }[],
    );
    expect(told.map(({ target, state, count }) => `${target} ${state} ${count}`).toSorted()).toEqual(
      Array.from({ length: 100 }, (_, at) => `t${at} ${at % 2 === 0 ? 'resolved' : 'open'} 100`).toSorted(),
    );
  });
});
