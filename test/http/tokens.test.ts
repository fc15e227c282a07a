import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTokenSigner } from '../../src/adapters/jose/token-signer.ts';
import { createMemoryTokenRegister } from '../../src/adapters/memory/token-register.ts';
import { tokenRoutes } from '../../src/http/tokens.ts';
import { createIntake } from '../../src/runtime/intake.ts';
import { tellingJoins } from '../../src/runtime/joins.ts';
import { createTokenDesk, type HostedTokenDesk } from '../../src/runtime/token-desk.ts';
import type { Secret } from '../../src/secret.ts';
import { claimsOf, judgeGrants, judgeTimes, type TokenClaims } from '../../src/token.ts';
import { credentialMachine } from '../../src/wiring/tokens.ts';
import { doorOf } from '../support/door.ts';
import { ringOf } from '../support/keys.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { emptyRooms } from '../support/webhooks.ts';

const apiKey = 'devkey';
const signer = createTokenSigner(ringOf([apiKey, 'canary-secret-0123456789-0123456789']));
const startMs = 1_800_000_000_000;
const minutes = (count: number) => count * 60_000;

const livekitUrl = 'wss://livekit.example';

let clock: VirtualClock;
let desk: HostedTokenDesk;
let removed: string[];
let door: ReturnType<typeof doorOf>;

beforeEach(() => {
  clock = createVirtualClock(startMs);
  removed = [];
  let ids = 0;
  const newId = () => `id-${(ids += 1)}`;
  const participants = {
    async remove({ room, identity }: { readonly room: string; readonly identity: string }) {
      removed.push(`${identity} of ${room}`);
      return undefined;
    },
  };
  const machineOf = credentialMachine({ signer, participants, newId, clock });
  desk = createTokenDesk({ signer, register: createMemoryTokenRegister(clock), newId, clock, machineOf });
  door = doorOf(
    tokenRoutes({
      desk,
      rooms: { prefix: 'voice-ai-call', declared: ['streaming-room'] },
      livekitUrl: () => livekitUrl,
      clock,
    }),
  );
});
afterEach(() => desk.close());

const request = (path: string, init: RequestInit = {}) =>
  door.request(`/v1/tokens${path}`, { ...init, headers: { host: '127.0.0.1', ...init.headers } });
const good = { room: 'voice-ai-call-1', identity: 'ada', preset: 'viewer' };

const post = (body: unknown, path = '') =>
  request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
const json = (response: Response): Promise<any> => response.json();
const issued = async (body: object = {}): Promise<{ id: string; token: string; expiresAt: number }> =>
  json(await post({ ...good, ...body }));
const check = async (token: string, more: object = {}) => json(await post({ token, ...more }, '/check'));
const revoke = (id: string) => request(`/${id}`, { method: 'DELETE' });

/** Opens the stream of a credential and gives its events one after the other. */
async function follow(id: string, after = 0) {
  const response = await request(`/${id}/stream?after=${after}`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    response,
    async next(): Promise<any> {
      while (!/(?:^|\n\n)(?:id|event): .*\n\n/s.test(text)) {
        // oxlint-disable-next-line no-await-in-loop
        const { value, done } = await reader.read();
        if (done) return 'closed';
        text += value;
      }
      const [, event = '', rest = ''] = /(?:^|\n\n)((?:id|event): .*?)\n\n(.*)$/s.exec(text)!;
      text = rest;
      return event.startsWith('event: end') ? 'end' : JSON.parse(/data: (.*)/.exec(event)![1]!);
    },
    close: () => reader.cancel(),
  };
}

describe('POST /v1/tokens', () => {
  test('D2.1 R6.1 a token for one room and ten minutes, with where to connect and where the next ones come', async () => {
    const response = await post({ ...good, name: 'Ada', metadata: '{"a":1}', attributes: { seat: '7' } });
    const answer = await json(response);
    expect([response.status, response.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(answer).toEqual({
      id: 'id-1',
      token: expect.stringMatching(/^eyJ/),
      expiresAt: startMs + minutes(10),
      url: livekitUrl,
      stream: '/v1/tokens/id-1/stream',
    });
    expect(await signer.read(answer.token)).toMatchObject({
      sub: 'ada',
      name: 'Ada',
      metadata: '{"a":1}',
      attributes: { seat: '7' },
      video: { roomJoin: true, room: 'voice-ai-call-1', canPublish: false },
    });
  });

  test.each<[string, object, string]>([
    ['no room', { room: undefined }, 'room'],
    ['an empty room', { room: '' }, 'room'],
    ['a room of others', { room: 'another-room' }, 'room'],
    ['too long a room', { room: `voice-ai-call-${'x'.repeat(250)}` }, 'room'],
    ['a number as room', { room: 7 }, 'room'],
    ['no identity', { identity: null }, 'identity'],
    ['the identity of an agent', { identity: 'agent-SCL_1-2' }, 'identity'],
    ['the identity of an agent in capitals', { identity: 'AGENT' }, 'identity'],
    ['the identity of a telephone', { identity: 'sip_+15550123' }, 'identity'],
    ['an identity of 257 bytes', { identity: 'ä'.repeat(129) }, 'identity'],
    ['an identity with a line break', { identity: 'a\nb' }, 'identity'],
    ['half a letter', { identity: '\ud800' }, 'identity'],
    ['the preset of the agent', { preset: 'agent' }, 'preset'],
    ['the preset of the administrator', { preset: 'admin' }, 'preset'],
    ['the preset of the recorder', { preset: 'recorder' }, 'preset'],
    ['no preset', { preset: undefined }, 'preset'],
    ['too long a life', { lifeSeconds: 601 }, 'lifeSeconds'],
    ['too short a life', { lifeSeconds: 9 }, 'lifeSeconds'],
    ['half a second', { lifeSeconds: 60.5 }, 'lifeSeconds'],
    ['an attribute of the telephone', { attributes: { 'sip.callID': 'SCL_1' } }, 'attributes.sip.callID'],
    [
      'an attribute that makes a caller of it',
      { attributes: { 'voicechart.role': 'caller' } },
      'attributes.voicechart.role',
    ],
    ['a number as attribute', { attributes: { seat: 7 } }, 'attributes.seat'],
    ['too much metadata', { metadata: 'x'.repeat(8_192) }, 'metadata'],
    ['metadata that is much as JSON', { metadata: '\u0001'.repeat(2_000) }, 'metadata'],
    ['rights of its own', { video: { roomAdmin: true } }, 'body'],
  ])('with %s is refused by field, with the way to mend it', async (_, wrong, field) => {
    const response = await post({ ...good, ...wrong });
    const answer = await json(response);
    expect([response.status, answer.code, answer.field]).toEqual([400, 'invalid', field]);
    expect(answer.fix).toMatch(/Send/);
  });

  test('for a declared room is given to who looks, and to nobody as a caller: no agent answers there', async () => {
    expect((await post({ ...good, room: 'streaming-room', preset: 'viewer' })).status).toBe(201);
    const response = await post({ ...good, room: 'streaming-room', preset: 'caller' });
    expect([response.status, (await json(response)).field]).toEqual([400, 'preset']);
  });

  test('as much as may be told is told', async () => {
    const metadata = '"'.repeat(4_080);
    const { token } = await issued({ metadata });
    expect(await signer.read(token)).toMatchObject({ metadata });
  });

  test('a thousand credentials at once and no more', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1_001 }, (_, index) => post({ ...good, identity: `v${index}` })),
    );
    expect(answers.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1_000);
    const full = answers.at(-1)!;
    expect([full.status, (await json(full)).code, full.headers.get('retry-after')]).toEqual([503, 'tokens_full', '60']);
    await clock.advance(minutes(11));
    expect((await post(good)).status).toBe(201);
  });
});

describe('GET /v1/tokens/{id}/stream', () => {
  test('D2.3 D6.4 R1.5 R6.5 a new token comes before the old one ends, and the old one is refused from then on', async () => {
    const { id, token } = await issued();
    const stream = await follow(id);
    expect(stream.response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(await stream.next()).toEqual({ seq: 1, token, expiresAt: startMs + minutes(10) });
    await clock.advance(minutes(8));
    const second = await stream.next();
    expect(second).toEqual({ seq: 2, token: expect.any(String), expiresAt: startMs + minutes(18) });
    expect(await check(token)).toMatchObject({ valid: false, fault: 'withdrawn', code: 'superseded' });
    expect(await check(second.token)).toMatchObject({ valid: true, identity: 'ada', room: good.room });
    const [was, is] = (await Promise.all([token, second.token].map(signer.read))) as [TokenClaims, TokenClaims];
    expect(is).toEqual({ ...was, iat: was.iat + 480, nbf: was.nbf + 480, exp: was.exp + 480, jti: is.jti });
    expect(is.jti).not.toBe(was.jti);
    await stream.close();
  });

  test('who was away for a while gets the newest alone, and nothing that it has', async () => {
    const { id } = await issued();
    const first = await follow(id, 1);
    for (let step = 0; step < 3; step += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await clock.advance(minutes(8));
      // oxlint-disable-next-line no-await-in-loop
      expect((await first.next()).seq).toBe(step + 2);
    }
    const second = await follow(id, 1);
    expect((await second.next()).seq).toBe(4);
    await Promise.all([first.close(), second.close()]);
  });

  test('once nobody follows, no new one is made, and the credential ends with its token', async () => {
    const { id } = await issued();
    const stream = await follow(id);
    await stream.next();
    await stream.close();
    await clock.advance(minutes(11));
    expect((await request(`/${id}/stream`)).status).toBe(404);
  });

  test('an id that is none, and an after that is none', async () => {
    const unknown = await request('/nobody/stream');
    expect([unknown.status, (await json(unknown)).code]).toEqual([404, 'token_unknown']);
    const { id } = await issued();
    const wrong = await request(`/${id}/stream?after=x`);
    expect([wrong.status, (await json(wrong)).field]).toEqual([400, 'after']);
  });
});

describe('DELETE /v1/tokens/{id}', () => {
  test('D6.3 the token is refused by us, its owner put out, its followers told, and its name barred', async () => {
    const { id, token } = await issued();
    const stream = await follow(id);
    await stream.next();
    expect((await revoke(id)).status).toBe(204);
    expect(await check(token)).toMatchObject({ valid: false, fault: 'withdrawn', code: 'revoked' });
    expect(removed).toEqual(['ada of voice-ai-call-1']);
    expect([await stream.next(), await stream.next(), await stream.next()]).toEqual([
      { seq: 2, ended: 'revoked' },
      'end',
      'closed',
    ]);
    const again = await post(good);
    expect([again.status, (await json(again)).code]).toEqual([409, 'identity_revoked']);
    expect((await post({ ...good, identity: 'bob' })).status).toBe(201);
    expect((await request(`/${id}/stream?after=2`)).status).toBe(204);
    expect((await revoke(id)).status).toBe(204);
    expect(removed).toHaveLength(1);
  });

  test('each join of that name in that room is met, whoever else joins, until no token of it is valid', async () => {
    const { id } = await issued();
    await revoke(id);
    const store = { ingest: async () => 'stored' as const, openIn: async () => [] };
    const queue = { enqueue: async () => 'taken' as never };
    const intake = tellingJoins(
      createIntake({ store: store as never, queue, participants: emptyRooms, roomPrefix: 'voice-ai-call', clock }),
      desk,
    );
    const join = (identity: string, room = good.room, event = 'participant_joined') =>
      intake.receive({
        event,
        id: `EV_${identity}`,
        room: { name: room },
        participant: { sid: 'PA_1', identity },
      } as never);
    await join('bob');
    await join('ada', 'voice-ai-call-2');
    await join('ada', good.room, 'participant_left');
    expect(removed).toHaveLength(1);
    await join('ada');
    await join('ada');
    expect(removed).toHaveLength(3);
    await clock.advance(minutes(11));
    await join('ada');
    expect(removed).toHaveLength(3);
    expect((await post(good)).status).toBe(201);
  });

  test('of a credential that is none', async () => {
    const response = await revoke('nobody');
    expect([response.status, (await json(response)).code]).toEqual([404, 'token_unknown']);
  });
});

describe('POST /v1/tokens/check', () => {
  test('D6.2 names which of the checks failed', async () => {
    const { token } = await issued();
    const [header, payload] = token.split('.');
    expect(await check(`${header}.${payload}.AAAA`)).toMatchObject({ fault: 'signature', code: 'signature_wrong' });
    expect(await check(token, { rights: ['canPublish'] })).toMatchObject({ fault: 'grants', code: 'insufficient' });
    expect(await check(token, { room: 'voice-ai-call-2' })).toMatchObject({ fault: 'grants' });
    expect(await check(token, { room: good.room, rights: ['roomJoin', 'canSubscribe'] })).toMatchObject({
      valid: true,
    });
    await clock.advance(minutes(11));
    expect(await check(token)).toMatchObject({ valid: false, fault: 'expiration', code: 'expired' });
  });

  test('a token of ours that was not made for a client is judged by what it says', async () => {
    const claims = claimsOf({ preset: 'agent', identity: 'agent-1', room: good.room }, apiKey, {
      jti: 'x',
      atMs: startMs,
    });
    const token = await signer.sign(claims);
    expect(await check((token as Secret).reveal(), { rights: ['canUpdateOwnMetadata'] })).toMatchObject({
      valid: true,
    });
    expect([judgeTimes(claims, startMs), judgeGrants(claims, { rights: ['roomJoin'], room: good.room })]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test.each<[string, object, string]>([
    ['no token', {}, 'token'],
    ['a right nobody knows', { token: 'x', rights: ['fly'] }, 'rights.0'],
    ['more than is asked', { token: 'x', why: 'y' }, 'body'],
  ])('with %s is refused by field', async (_, body, field) => {
    const response = await post(body, '/check');
    expect([response.status, (await json(response)).field]).toEqual([400, field]);
  });
});

test('no answer but the one that gives it away bears a token or a secret', async () => {
  const { id, token } = await issued();
  const answers = await Promise.all([
    check(token),
    check(`${token.slice(0, -4)}AAAA`),
    json(await post({ ...good, identity: token })),
    json(await post({ ...good, [token]: 1 })),
    json(await post({ ...good, attributes: { [token]: 'x' } })),
    (await revoke(id)).text(),
    json(await post(good)),
  ]);
  expect(JSON.stringify(answers)).not.toMatch(/canary|eyJhbGci/);
});
