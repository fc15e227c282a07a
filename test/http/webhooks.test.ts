import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from '../support/properties.ts';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { systemClock } from '../../src/clock.ts';
import { listen } from '../../src/http/listen.ts';
import type { Listener } from '../../src/http/listen.ts';
import { webhookPath, webhookRoutes } from '../../src/http/webhooks.ts';
import type { WebhookNote } from '../../src/http/webhooks.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import { createIntake } from '../../src/runtime/intake.ts';
import type { Intake } from '../../src/runtime/intake.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import { keysOf, ringOf } from '../support/keys.ts';
import {
  apiKey,
  apiSecret,
  emptyRooms,
  joinedBody,
  keyRing,
  roomName,
  sign,
  signed,
  webhookBody,
} from '../support/webhooks.ts';

const callKey = callKeyOf(roomName, 'SCL_abc');
const now = () => Math.floor(clock.now() / 1_000);
const hashOf = (body: string) => createHash('sha256').update(body).digest('base64');

let clock: VirtualClock;
let store: CallStore;
let notes: WebhookNote[];

function openDoor(intake?: Intake) {
  store = createMemoryStore({ clock });
  const queue = createInProcessQueue({ store, clock });
  const real = createIntake({ store, queue, participants: emptyRooms, roomPrefix: 'voice-ai-call', clock });
  return webhookRoutes({ keys: keyRing, intake: intake ?? real, clock, note: (note) => notes.push(note) });
}

beforeEach(() => {
  clock = createVirtualClock(Date.now());
  notes = [];
});

const post = (door: ReturnType<typeof openDoor>, body: string, headers: Record<string, string>) =>
  door.request(webhookPath, { method: 'POST', body, headers });

describe('D2.2 D3.4 the webhook door', () => {
  test('R10.1 takes what LiveKit signed, and answers when it is stored', async () => {
    const door = openDoor();
    const { body, headers } = await signed(joinedBody());
    const response = await post(door, body, headers);
    expect([response.status, await response.json()]).toEqual([200, { outcome: 'stored' }]);
    expect((await store.mail(callKey, 0)).length).toBe(1);
    expect(notes).toEqual([{ outcome: 'stored', detail: 'participant_joined', tookMs: 0 }]);
  });

  test('a replay is taken as the duplicate it is', async () => {
    const door = openDoor();
    const { body, headers } = await signed(joinedBody());
    await post(door, body, headers);
    expect(await (await post(door, body, headers)).json()).toEqual({ outcome: 'duplicate' });
    expect((await store.mail(callKey, 0)).length).toBe(1);
  });

  test('what is none of ours is answered 200, or it would be sent again', async () => {
    const door = openDoor();
    const { body, headers } = await signed(webhookBody('room_started', {}, 'meeting'));
    const response = await post(door, body, headers);
    expect([response.status, await response.json()]).toEqual([200, { outcome: 'ignored' }]);
  });

  const body = JSON.stringify(joinedBody());
  const token = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}, secret = apiSecret) =>
    new SignJWT({ iss: apiKey, exp: now() + 300, nbf: now(), sha256: hashOf(body), ...claims })
      .setProtectedHeader({ alg: 'HS256', ...header })
      .sign(new TextEncoder().encode(secret));
  const conditional = () =>
    new SignJWT({ iss: apiKey, exp: now() + 300, sha256: hashOf(body) })
      .setProtectedHeader({ alg: 'HS256', crit: ['if'], if: 'asked' })
      .sign(new TextEncoder().encode(apiSecret), { crit: { if: true } });
  const unsigned = (header: object, claims: object = {}) =>
    [header, { iss: apiKey, exp: now() + 300, sha256: hashOf(body), ...claims }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.') + '.';

  test.each<[string, string, () => string | Promise<string>]>([
    ['no token', 'token_missing', () => ''],
    ['no JWT', 'token_malformed', () => 'canary-garbage'],
    ['a Bearer prefix', 'token_malformed', async () => `Bearer ${await token()}`],
    ['an unknown key', 'key_unknown', () => sign(body, 'APIother', apiSecret)],
    ['no issuer', 'token_malformed', () => token({ iss: undefined })],
    ['another secret', 'signature_wrong', () => sign(body, apiKey, 'another-secret-0123456789-abcdefgh')],
    ['a signature with more behind it', 'signature_wrong', async () => `${await token()}=`],
    ['another algorithm', 'signature_wrong', () => token({}, { alg: 'HS512' })],
    ['no algorithm', 'signature_wrong', () => unsigned({ alg: 'none' })],
    ['a condition that is unknown here', 'token_malformed', conditional],
    ['an expired token', 'token_expired', () => token({ exp: now() - 61 })],
    ['no expiry', 'token_malformed', () => token({ exp: undefined })],
    ['a token of the future', 'token_not_yet_valid', () => token({ nbf: now() + 61 })],
    ['a beginning that is no time', 'token_malformed', () => token({ nbf: 'soon' })],
    ['no hash', 'token_malformed', () => token({ sha256: undefined })],
    ['a hash that is none', 'token_malformed', () => token({ sha256: { a: 1 } })],
    ['the hash of another body', 'body_changed', () => token({ sha256: hashOf('other') })],
    ['a hash of another length', 'body_changed', () => token({ sha256: 'AAAA' })],
  ])('forged, %s: 401 %s, nothing stored, nothing echoed', async (_, code, make) => {
    const door = openDoor();
    const authorization = await make();
    const response = await post(door, body, authorization ? { authorization } : {});
    const answer = await response.text();
    expect([response.status, JSON.parse(answer).code]).toEqual([401, code]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    if (authorization) expect(answer).not.toContain(authorization.slice(0, 20));
    expect(await store.list()).toEqual([]);
    expect(notes).toMatchObject([{ outcome: 'forged', detail: code }]);
  });

  test('clocks may differ by a minute', async () => {
    const door = openDoor();
    for (const claims of [{ exp: now() - 59 }, { nbf: now() + 59 }])
      expect((await post(door, body, { authorization: await token(claims) })).status).toBe(200);
  });

  test('R8.3 any key that the ring holds at that moment may sign', async () => {
    const keys = ringOf([apiKey, apiSecret]);
    const intake: Intake = { receive: async () => 'stored' };
    const door = webhookRoutes({ keys, intake, clock });
    const asked = async (key: string) =>
      (await post(door, body, { authorization: await sign(body, key, apiSecret) })).status;
    expect([await asked(apiKey), await asked('APInext')]).toEqual([200, 401]);
    keys.change(keysOf([apiKey, apiSecret], ['APInext', apiSecret]));
    expect([await asked(apiKey), await asked('APInext')]).toEqual([200, 200]);
    keys.change(keysOf(['APInext', apiSecret]));
    expect([await asked(apiKey), await asked('APInext')]).toEqual([401, 200]);
  });

  test.each<[string, string]>([
    ['not JSON', 'body'],
    ['{"event":"participant_joined","id":"EV_1"', 'body'],
    ['', 'body'],
    ['7', 'body'],
    ['{"id":"EV_1"}', 'event'],
    [JSON.stringify(joinedBody({ sid: 7 })), 'participant.sid'],
  ])('unreadable though signed, %s: 400 naming %s', async (unreadable, field) => {
    const door = openDoor();
    const request = await signed(unreadable);
    const response = await post(door, request.body, request.headers);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'unreadable', field }),
    ]);
  });

  test('a body over 256 KiB: 413, with and without its length said', async () => {
    const door = openDoor();
    const large = await signed({ ...joinedBody(), filler: 'x'.repeat(256 * 1024) });
    expect((await post(door, large.body, large.headers)).status).toBe(413);
    const stream = new Blob([large.body]).stream();
    const streamed = new Request(`http://x${webhookPath}`, {
      method: 'POST',
      body: stream,
      headers: large.headers,
      duplex: 'half',
    });
    expect((await door.request(streamed)).status).toBe(413);
  });

  test('a store that hangs: 503 within 2 s, and LiveKit is asked to come again', async () => {
    const door = openDoor({ receive: () => new Promise(() => {}) });
    const request = await signed(joinedBody());
    const pending = post(door, request.body, request.headers);
    await expect.poll(() => clock.pending()).toBe(1);
    await clock.advance(2_000);
    const response = await pending;
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(notes).toMatchObject([{ outcome: 'unavailable', detail: 'late', tookMs: expect.closeTo(1_800, -2) }]);
  });

  test.each<[string, Intake['receive']]>([
    ['breaks', () => Promise.reject(new Error('canary-disk'))],
    [
      'throws',
      () => {
        throw new Error('canary-bug');
      },
    ],
    ['is full', async () => 'full'],
  ])('a store that %s: 503, which says nothing of why', async (_, receive) => {
    const door = openDoor({ receive });
    const request = await signed(joinedBody());
    const response = await post(door, request.body, request.headers);
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('canary');
    expect(clock.pending()).toBe(0);
  });

  test('other methods and paths are told so', async () => {
    const door = openDoor();
    expect((await door.request(webhookPath)).status).toBe(405);
    expect((await door.request('/elsewhere', { method: 'POST' })).status).toBe(404);
  });

  test('whatever comes is answered: never a crash, a 5xx or a secret', async () => {
    const door = openDoor();
    const anyBody = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .json()
        .map((json) => `{"event":"participant_joined","id":"x","room":{"name":"voice-ai-call"},"participant":${json}}`),
    );
    const anyToken = fc.oneof(
      fc.constant('signed'),
      fc.string().map((text) => text.replace(/[^\x20-\x7e]/g, '?')),
      fc.constant(unsigned({ alg: 'none' })),
    );
    await fc.assert(
      fc.asyncProperty(anyBody, anyToken, async (sent, kind) => {
        const authorization = kind === 'signed' ? await sign(sent) : kind;
        const response = await post(door, sent, { authorization });
        const answer = await response.text();
        expect([200, 400, 401]).toContain(response.status);
        expect(answer).not.toMatch(/canary|eyJ/);
      }),
      { numRuns: 200 },
    );
  });

  test('every field of a real body may be missing or of another kind', async () => {
    const door = openDoor();
    const odd = fc.oneof(
      fc.constant(undefined),
      fc.constant(null),
      fc.string(),
      fc.integer(),
      fc.constant([]),
      fc.constant({}),
    );
    const changes = fc.record(
      { participant: odd, room: odd, id: odd, event: fc.oneof(odd, fc.constant('room_finished')) },
      { requiredKeys: [] },
    );
    const deep = fc.record(
      { sid: odd, identity: odd, kind: odd, attributes: odd, disconnectReason: odd },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(changes, deep, async (shallow, participant) => {
        const { body, headers } = await signed(joinedBody(participant, shallow));
        const response = await post(door, body, headers);
        expect([200, 400]).toContain(response.status);
        if (response.status === 400) expect(await response.json()).toMatchObject({ field: expect.stringMatching(/./) });
      }),
      { numRuns: 200 },
    );
  });
});

const headOf = (headers: Readonly<Record<string, string>>, length: string): string =>
  `POST ${webhookPath} HTTP/1.1\r\nHost: x\r\nAuthorization: ${headers['authorization']}\r\n${length}\r\n\r\n`;

describe('the webhook door over a socket', () => {
  let listener: Listener;
  const open = async (requestWithinMs: number) => {
    const address = { host: '127.0.0.1', port: 0 };
    listener = await listen(openDoor(), { address, setting: 'WEBHOOK_ADDR', clock: systemClock, requestWithinMs });
  };
  beforeEach(() => open(60_000));
  afterEach(() => listener.close({ graceMs: 0 }));

  /** Writes pieces as they are taken, until the other side answers or closes; what came back, and how much was written. */
  async function exchange(head: string, pieces: () => Iterable<Buffer>): Promise<{ answer: string; written: number }> {
    const socket = connect(listener.address.port, '127.0.0.1');
    let answer = '';
    let written = 0;
    const over = new Promise<void>((resolve) => {
      socket.on('data', (data) => (answer += data));
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    socket.write(head);
    for (const piece of pieces()) {
      if (socket.destroyed || answer !== '') break;
      written += piece.length;
      if (!socket.write(piece)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), over]);
      await sleep(0);
    }
    await Promise.race([over, expect.poll(() => answer, { timeout: 20_000 }).not.toBe('')]);
    socket.destroy();
    return { answer, written };
  }

  test('takes a signed webhook', async () => {
    const request = await signed(joinedBody());
    const response = await fetch(`${listener.url}${webhookPath}`, { method: 'POST', ...request });
    expect([response.status, await response.json()]).toEqual([200, { outcome: 'stored' }]);
  });

  test('an endless body is cut off at its bound, not collected', async () => {
    const authorization = await sign('anything');
    const head = headOf({ authorization }, 'Transfer-Encoding: chunked');
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
    const { answer, written } = await exchange(head, function* () {
      for (let n = 0; n < 500; n += 1) yield chunk;
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(written).toBeLessThan(20 * 1024 * 1024);
  });

  test('a truncated body brings nothing into the store, and the door goes on', async () => {
    const { body, headers } = await signed(joinedBody());
    const head = headOf(headers, `Content-Length: ${body.length}`);
    const socket = connect(listener.address.port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.write(head + body.slice(0, 50), () => resolve()));
    socket.destroy();
    await expect.poll(() => notes.length, { timeout: 10_000 }).toBe(1);
    expect(notes).toMatchObject([{ outcome: 'unreadable', detail: 'body' }]);
    expect(await store.list()).toEqual([]);
    expect((await fetch(`${listener.url}${webhookPath}`, { method: 'POST', body, headers })).status).toBe(200);
  });

  test('a sender that stalls in its body is cut off, and holds up nobody', async () => {
    await listener.close({ graceMs: 0 });
    await open(400);
    const { body, headers } = await signed(joinedBody());
    const stalled = exchange(headOf(headers, `Content-Length: ${body.length}`), () => [Buffer.from(body.slice(0, 20))]);
    expect((await fetch(`${listener.url}${webhookPath}`, { method: 'POST', body, headers })).status).toBe(200);
    expect((await stalled).answer).toMatch(/^HTTP\/1.1 (408|400) /);
    await expect.poll(() => notes.map((note) => note.outcome)).toEqual(['stored', 'unreadable']);
  });
});
