import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { AccessToken, SipClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applySip, type SipAdmin, SipAdminError } from '../../src/actors/apply-sip.ts';
import { createLivekitApi, type LivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createSipAdmin } from '../../src/adapters/livekit/sip-admin.ts';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/secret.ts';
import { planOf, readSip, type SipThing, writeSip } from '../../src/sip.ts';
import { sipAdminContract } from '../support/contracts/sip-admin.ts';
import { ringFor, ringOf } from '../support/keys.ts';
import { startLivekitWithRedis } from '../support/livekit-with-redis.ts';
import { inbound, outbound, rule } from '../support/sip-files.ts';

/** What undici sends for us, in order. */
const asked: { readonly path: string; readonly token: string }[] = [];
subscribe('undici:request:create', (message) => {
  const { path, headers } = (message as { readonly request: { path: string; headers: readonly string[] } }).request;
  const token = headers[headers.indexOf('authorization') + 1]?.replace('Bearer ', '');
  if (path.startsWith('/twirp/livekit.SIP/') && token) asked.push({ path, token });
});

const prune = { prune: true };
const keep = { prune: false };

const mustRead = (yaml: string, env: Record<string, string>) => {
  const reading = readSip(yaml, env);
  if ('problems' in reading) throw new Error(JSON.stringify(reading.problems));
  return reading;
};

const repository = () =>
  mustRead(readFileSync(new URL('../../sip.yaml', import.meta.url), 'utf8'), {
    SIP_NUMBER: '+4930123456',
    SIP_PROVIDER_NETWORK: '203.0.113.0/24',
    SIP_BACKUP_NETWORK: '198.51.100.7',
  });

describe('SIP of a real livekit-server with Redis', () => {
  let server: Awaited<ReturnType<typeof startLivekitWithRedis>>;
  let api: LivekitApi;
  let admin: SipAdmin;
  let client: SipClient;

  beforeAll(async () => void (server = await startLivekitWithRedis()));
  afterAll(() => server?.stop());
  beforeEach(async () => {
    const { url, httpUrl, apiKey, apiSecret } = server;
    asked.length = 0;
    api = createLivekitApi({ url, clock: systemClock, key: ringFor(server).signing });
    admin = createSipAdmin(api);
    client = new SipClient(httpUrl, apiKey, apiSecret);
    await applySip(admin, [], prune);
  });
  afterEach(() => api.close());

  sipAdminContract('livekit', async () => admin);

  const state = async () => {
    const held = await admin.list();
    const name = (id: string) => held.find((each) => each.id === id)?.name ?? id;
    return held
      .map(({ id: _id, ...thing }) => (thing.kind === 'rule' ? { ...thing, trunks: thing.trunks.map(name) } : thing))
      .toSorted((a, b) => (a.kind + a.name < b.kind + b.name ? -1 : 1));
  };
  const expectSame = async (file: readonly SipThing[]) =>
    expect(planOf(file, await admin.list(), prune)).toMatchObject({ changes: [], steps: [] });

  it('D1.2 D3.1 D3.2 the one file makes trunk novofon-inbound and rule voice-ai-dispatch, and its backup set changes both in place', async () => {
    const { main, backup } = repository();
    expect((await applySip(admin, main, keep)).result).toBe('applied');
    const [trunk] = await client.listSipInboundTrunk();
    const [dispatch] = await client.listSipDispatchRule();
    expect(trunk).toMatchObject({
      name: 'novofon-inbound',
      numbers: ['+4930123456'],
      allowedAddresses: ['203.0.113.0/24'],
    });
    expect(dispatch).toMatchObject({
      name: 'voice-ai-dispatch',
      trunkIds: [trunk?.sipTrunkId],
      attributes: { 'voicechart.agent': 'receptionist' },
      rule: { rule: { case: 'dispatchRuleIndividual', value: { roomPrefix: 'voice-ai-call' } } },
    });
    expect((await applySip(admin, main, keep)).result).toBe('unchanged');
    expect((await applySip(admin, backup!, keep)).changes).toMatchObject([
      { do: 'update', name: 'novofon-inbound', fields: [{ field: 'allowedAddresses', to: '198.51.100.7' }] },
    ]);
    const [changed] = await client.listSipInboundTrunk();
    expect([changed?.sipTrunkId, changed?.allowedAddresses]).toEqual([trunk?.sipTrunkId, ['198.51.100.7']]);
  });

  it('R3.1 R3.2 R3.3 trunk and rule are made by CreateSIPInboundTrunk and CreateSIPDispatchRule with name, numbers, addresses and login', async () => {
    const auth = { username: 'ada', password: new Secret('canary-password') };
    const file = [inbound('door', { numbers: ['+49301'], auth }), rule('dispatch', ['door'])];
    await applySip(admin, file, keep);
    expect(asked.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/twirp/livekit.SIP/CreateSIPInboundTrunk', '/twirp/livekit.SIP/CreateSIPDispatchRule']),
    );
    const grants = asked.map(({ token }) => {
      const { sip, video } = decodeJwt(token);
      return JSON.stringify({ sip, video });
    });
    expect([...new Set(grants)]).toEqual(['{"sip":{"admin":true}}']);
    const [trunk] = await client.listSipInboundTrunk();
    expect(trunk).toMatchObject({
      name: 'door',
      numbers: ['+49301'],
      allowedAddresses: ['203.0.113.0/24'],
      authUsername: 'ada',
      authPassword: 'canary-password',
    });
    expect(JSON.stringify(await admin.list())).not.toContain('canary');
  });

  it('R3.5 the right that opens it is sip.admin; ingressAdmin alone is refused', async () => {
    const token = new AccessToken(server.apiKey, server.apiSecret, { ttl: 60 });
    token.addGrant({ ingressAdmin: true });
    const ingress = new SipClient(server.httpUrl, '', '', { token: await token.toJwt() });
    await expect(ingress.createSipInboundTrunk('x', ['+49301'])).rejects.toMatchObject({ status: 401 });
    await expect(ingress.createSipDispatchRule({ type: 'direct', roomName: 'x' })).rejects.toMatchObject({
      status: 401,
    });
    token.addSIPGrant({ admin: true });
    const both = new SipClient(server.httpUrl, '', '', { token: await token.toJwt() });
    expect((await both.createSipInboundTrunk('x', ['+49301'])).name).toBe('x');
  });

  const before = [
    inbound('a', { numbers: ['+49301'] }),
    inbound('b', { numbers: ['+49302', '+49303'] }),
    outbound('carrier'),
    rule('all', ['a', 'b']),
  ];
  const after = [
    inbound('a', { numbers: ['+49302'], auth: { username: 'u', password: new Secret('one password') } }),
    inbound('b', { numbers: ['+49301', '+49303'] }),
    inbound('c', { numbers: ['+49304'] }),
    rule('all', ['b', 'c']),
    rule('some', ['a'], { numbers: ['+49302'] }),
  ];

  it('stopped after each single step and run again, it ends as if it had not been stopped', async () => {
    await applySip(admin, before, prune);
    const { steps } = planOf(after, await admin.list(), prune);
    expect(steps.length).toBeGreaterThan(8);
    for (const done of steps.keys()) {
      await applySip(admin, before, prune);
      const stop = new AbortController();
      const stopping = stoppingAfter(admin, done, stop);
      await expect(applySip(stopping, after, { ...prune, signal: stop.signal })).rejects.toThrow('aborted');
      await applySip(admin, after, prune);
      await expectSame(after);
    }
  });

  const outOfStep = { ...prune, pause: () => delay(50 * Math.random()) };

  it('two at once end right, and so do three', async () => {
    for (const many of [2, 2, 3, 3]) {
      await applySip(admin, before, prune);
      await Promise.all(Array.from({ length: many }, () => applySip(admin, after, outOfStep)));
      await expectSame(after);
      await applySip(admin, [], prune);
      await Promise.all(Array.from({ length: many }, () => applySip(admin, after, outOfStep)));
      await expectSame(after);
    }
  });

  it('without prune it deletes nothing, with it what the file does not name', async () => {
    await applySip(admin, [...before, inbound('theirs', { numbers: ['+49309'] })], keep);
    const { last } = await applySip(admin, before, keep);
    expect(last.extra.map(({ name }) => name)).toEqual(['theirs']);
    expect((await state()).map(({ name }) => name)).toContain('theirs');
    await applySip(admin, before, prune);
    expect((await state()).map(({ name }) => name)).toEqual(['a', 'b', 'carrier', 'all']);
  });

  it('a trunk that would be given a number of another is held back, as LiveKit would not', async () => {
    await applySip(admin, [inbound('mine', { numbers: ['+49301'] }), inbound('theirs', { numbers: ['+49302'] })], keep);
    const was = await state();
    const wish = [inbound('mine', { numbers: ['+49302'] })];
    expect((await applySip(admin, wish, keep)).result).toBe('blocked');
    expect(await state()).toEqual(was);
    const mine = (await admin.list()).find(({ name }) => name === 'mine')!;
    await admin.update(mine.id, wish[0]!);
    expect((await state()).map((each) => each.kind === 'inbound' && each.numbers)).toEqual([['+49302'], ['+49302']]);
  });

  it('what is exported and applied again changes nothing, and makes the same of an empty server', async () => {
    await applySip(admin, after, keep);
    const was = await state();
    const { yaml, variables, omitted } = writeSip(await admin.list());
    expect([variables, omitted]).toEqual([['SIP_A_PASSWORD'], []]);
    expect(yaml).not.toContain('one password');
    const { main } = mustRead(yaml, { SIP_A_PASSWORD: 'one password' });
    expect((await applySip(admin, main, prune)).result).toBe('unchanged');
    await applySip(admin, [], prune);
    await applySip(admin, main, prune);
    expect(await state()).toEqual(was);
  });

  it('what the file cannot say of a trunk stays when the rest is changed', async () => {
    await client.createSipInboundTrunk('a', ['+49301'], { krispEnabled: true, headers: { 'X-Own': 'value' } });
    await applySip(admin, [inbound('a', { numbers: ['+49301', '+49302'] })], keep);
    expect(await client.listSipInboundTrunk()).toMatchObject([
      { numbers: ['+49301', '+49302'], krispEnabled: true, headers: { 'X-Own': 'value' } },
    ]);
  });

  it('a wrong secret is refused without a token in the message', async () => {
    const wrong = createLivekitApi({
      url: server.url,
      clock: systemClock,
      key: ringOf([server.apiKey, 'x'.repeat(32)]).signing,
    });
    const error = await createSipAdmin(wrong)
      .list()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SipAdminError);
    expect(error).toMatchObject({ isStale: false, failure: { class: 'auth', httpStatus: 401 } });
    expect(JSON.stringify(error) + String(error)).not.toContain('eyJ');
  });
});

/** As if the process ended after so many requests that change something. */
function stoppingAfter(admin: SipAdmin, requests: number, stop: AbortController): SipAdmin {
  let left = requests;
  const counted = <T>(request: () => Promise<T>): Promise<T> => {
    left -= 1;
    return request().finally(() => left <= 0 && stop.abort());
  };
  if (left === 0) stop.abort();
  return {
    list: () => admin.list(),
    create: (kind, name) => counted(() => admin.create(kind, name)),
    update: (id, thing) => counted(() => admin.update(id, thing)),
    remove: (kind, id) => counted(() => admin.remove(kind, id)),
  };
}
