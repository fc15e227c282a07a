import { createServer } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulators } from '../../../emulators/all.ts';
import { createJournal } from '../../../emulators/kit/journal.ts';
import { listen } from '../../../emulators/kit/front.ts';
import { openSipResponder } from '../../../emulators/livekit/sip-options.ts';
import { livekitProbes } from '../../../src/adapters/probes/livekit.ts';
import { redisProbe } from '../../../src/adapters/probes/redis.ts';
import { sipGatewayProbe } from '../../../src/adapters/probes/sip-gateway.ts';
import { vendorProbe } from '../../../src/adapters/probes/vendors.ts';
import { workerProbe } from '../../../src/adapters/probes/workers.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { probeContract } from '../../support/contracts/probe.ts';
import { apiKey, apiSecret, oddLivekit, reply } from '../livekit/odd-livekit.ts';

const forever = new AbortController().signal;

async function answering(status: number, body = '{}'): Promise<number> {
  const server = createServer((_, response) => void response.writeHead(status).end(body));
  onTestFinished(() => void server.close().closeAllConnections());
  return listen(server, 0);
}

const livekitAt = (port: number, clock = systemClock) => {
  const { probes, close } = livekitProbes({
    url: () => `ws://127.0.0.1:${port}`,
    clock,
    key: () => ({ apiKey, apiSecret }),
  });
  onTestFinished(close);
  return probes;
};

for (const [index, name] of ['ListRooms', 'ListEgress', 'ListIngress', 'ListSIPInboundTrunk', 'rtc/validate'].entries())
  probeContract(`LiveKit’s ${name}`, {
    at: (port, clock) => livekitAt(port, clock)[index]!,
    well: () => answering(200),
    gone: 'network',
    secret: apiSecret.reveal(),
  });

const key = 'canary-key-of-a-vendor';
const vendorAt = (vendor: 'deepgram' | 'openai' | 'groq' | 'cartesia') => ({
  at: (port: number, clock = systemClock) =>
    vendorProbe({ vendor, apiKey: new Secret(key), baseUrl: `http://127.0.0.1:${port}`, clock }),
  well: () => answering(200),
  gone: 'network' as const,
  secret: key,
});
for (const vendor of ['deepgram', 'openai', 'groq', 'cartesia'] as const) probeContract(vendor, vendorAt(vendor));

probeContract('a worker’s health port', {
  at: (port, clock) => workerProbe('egress-worker', `http://127.0.0.1:${port}/`, clock),
  well: () => answering(200, 'OK'),
  gone: 'network',
});

probeContract('OPTIONS to a SIP gateway', {
  at: (port, clock) => sipGatewayProbe({ address: { host: '127.0.0.1', port }, clock, id: () => 'abc' }),
  async well() {
    const gateway = await openSipResponder({ journal: createJournal() });
    onTestFinished(() => gateway.close());
    return gateway.port;
  },
  udp: true,
  gone: 'sip',
});

describe('on a real Redis', () => {
  probeContract('PING', {
    at: (port, clock) => redisProbe(new Secret(`redis://:canary-password@127.0.0.1:${port}`), clock),
    async well() {
      const redis = await startRedis();
      onTestFinished(() => redis.stop());
      return Number(new URL(redis.url).port);
    },
    gone: 'network',
    secret: 'canary-password',
  });
});

const livekitSays = async (status: number, body: object | string) => {
  const { url, asked } = await oddLivekit((response) => reply(response, status, body));
  const glances = await Promise.all(livekitAt(Number(new URL(url).port)).map((probe) => probe.look(forever)));
  return { glances, asked };
};

describe('what LiveKit answers', () => {
  test('D5.1 a key that it refuses is told at each service and at the door, without the token', async () => {
    const { glances } = await livekitSays(
      401,
      `invalid token: eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJrIn0.c2lnbmF0dXJl, error`,
    );
    expect(glances.map(({ failure }) => failure?.class)).toEqual(Array.from({ length: 5 }, () => 'auth'));
    expect(JSON.stringify(glances)).not.toContain('eyJ');
  });

  test('D5.1 what a server without Redis does not have is no failure; a fault of its own is one', async () => {
    const without = await livekitSays(500, { code: 'internal', msg: 'egress not connected (redis required)' });
    expect(without.glances[1]).toEqual({ tookMs: expect.any(Number), absent: expect.stringMatching(/does not offer/) });
    const broken = await livekitSays(500, { code: 'internal', msg: 'boom' });
    expect(broken.glances.map(({ failure }) => [failure?.class, failure?.sub])).toEqual(
      Array.from({ length: 5 }, () => ['api', 'server']),
    );
  });

  test('D5.1 they ask for nothing that is there, and start nothing', async () => {
    const { asked } = await livekitSays(200, {});
    const rpcs = asked.map(({ rpc }) => rpc).toSorted();
    expect(rpcs.filter((rpc) => rpc !== '/rtc/validate')).toEqual([
      'Egress/ListEgress',
      'Ingress/ListIngress',
      'RoomService/ListRooms',
      'SIP/ListSIPInboundTrunk',
    ]);
    expect(JSON.stringify(asked.map(({ body }) => body))).toMatch(/no-room-has-this-name/);
  });

  test('a door that makes no rooms has let the token in when it says that there is no such room', async () => {
    const { glances } = await livekitSays(404, 'requested room does not exist');
    expect(glances[4]?.failure).toBeUndefined();
  });

  test('however often it failed, each look is sent', async () => {
    const { url, asked } = await oddLivekit((response) => reply(response, 500, ''));
    const [rooms] = livekitAt(Number(new URL(url).port));
    for (let look = 0; look < 8; look += 1)
      // oxlint-disable-next-line no-await-in-loop
      await rooms!.look(forever);
    expect(asked).toHaveLength(8);
  });
});

describe('what a worker answers', () => {
  test.each([
    [429, 'UnderLoad', { class: 'api', sub: 'rate', httpStatus: 429, message: 'UnderLoad' }],
    [503, 'Stopped', { class: 'api', sub: 'server', httpStatus: 503, message: 'Stopped' }],
  ])('D5.1 %i %s', async (status, body, failure) => {
    const probe = workerProbe('sip-worker', `http://127.0.0.1:${await answering(status, body)}`, systemClock);
    expect((await probe.look(forever)).failure).toMatchObject(failure);
  });
});

describe('what a SIP gateway answers', () => {
  test('D5.1 a refusal of OPTIONS is a failure of SIP', async () => {
    const gateway = await openSipResponder({ journal: createJournal() });
    await gateway.close();
    const { failure } = await sipGatewayProbe({
      address: { host: '127.0.0.1', port: gateway.port },
      clock: systemClock,
      id: () => 'abc',
    }).look(forever);
    expect(failure).toMatchObject({ class: 'sip', message: 'does not answer OPTIONS: ECONNREFUSED' });
  });
});

async function world() {
  const emulators = await startEmulators();
  onTestFinished(() => emulators.close());
  const { deepgram, openai, cartesia } = emulators;
  const at = (vendor: 'deepgram' | 'openai' | 'groq' | 'cartesia', baseUrl: string, key: string | undefined) =>
    vendorProbe({
      vendor,
      baseUrl,
      apiKey: new Secret(key ?? ''),
      clock: systemClock,
      withinMs: 300,
      ...(vendor === 'cartesia' && { ca: cartesia.ca }),
    });
  return {
    emulators,
    probes: [
      [deepgram, at('deepgram', deepgram.wsUrl, deepgram.apiKey)],
      [openai, at('openai', openai.url, openai.keys.openai)],
      [openai, at('groq', openai.groqUrl, openai.keys.groq)],
      [cartesia, at('cartesia', cartesia.url, cartesia.keys[0])],
    ] as const,
  };
}

describe('what a vendor answers', () => {
  const faults = [
    ['hang at the handshake', { kind: 'hang', at: 'handshake' }, { class: 'network', sub: 'stall' }],
    ['reset', { kind: 'reset', at: 'handshake' }, { class: 'network' }],
    ['reset at connect', { kind: 'reset', at: 'connect' }, { class: 'network' }],
    ['401', { kind: 'status', at: 'handshake', status: 401 }, { class: 'auth', retryable: false }],
    ['403', { kind: 'status', at: 'handshake', status: 403 }, { class: 'auth', retryable: false }],
    [
      '429 with Retry-After',
      { kind: 'status', at: 'handshake', status: 429, headers: { 'retry-after': '7' } },
      { class: 'api', sub: 'rate', retryAfterMs: 7000 },
    ],
    ['429 without', { kind: 'status', at: 'handshake', status: 429 }, { class: 'api', sub: 'rate' }],
    ['500', { kind: 'status', at: 'handshake', status: 500 }, { class: 'api', sub: 'server' }],
    ['503', { kind: 'status', at: 'handshake', status: 503 }, { class: 'api', sub: 'server' }],
    ['garbage', { kind: 'status', at: 'handshake', status: 200, body: '<html>hotel wifi' }, { sub: 'protocol' }],
  ] as const;

  test('D5.1 each vendor under each fault tells of what class it is, and is well when that is over', async () => {
    const { probes } = await world();
    for (const [emulator, probe] of probes)
      for (const [name, fault, failure] of faults) {
        emulator.faults.add(fault);
        // oxlint-disable-next-line no-await-in-loop
        const glance = await probe.look(forever);
        expect([probe.target, name, glance.failure]).toEqual([probe.target, name, expect.objectContaining(failure)]);
        emulator.faults.clear();
        // oxlint-disable-next-line no-await-in-loop
        expect((await probe.look(forever)).failure).toBeUndefined();
      }
  });

  test('D5.1 nothing is asked that is billed', async () => {
    const { emulators, probes } = await world();
    await Promise.all(probes.map(([, probe]) => probe.look(forever)));
    const asked = [emulators.deepgram, emulators.openai, emulators.cartesia].flatMap(({ journal }) =>
      journal.entries().filter(({ type }) => /asked|request/.test(type)),
    );
    const paths = asked.map((entry) => (entry as unknown as { path?: string }).path).filter(Boolean);
    expect([...new Set(paths)].toSorted()).toEqual(['/openai/v1/models', '/v1/models', '/v1/projects', '/voices']);
  });

  test('a key that may do less than be asked this is a good one; a proxy without such a list is well', async () => {
    const narrow = '{"error":{"message":"You have insufficient permissions. Missing scopes: api.model.read"}}';
    for (const [status, body] of [
      [403, narrow],
      [404, 'nothing here'],
    ] as const)
      // oxlint-disable-next-line no-await-in-loop
      expect(
        (
          await vendorAt('openai')
            .at(await answering(status, body))
            .look(forever)
        ).failure,
      ).toBeUndefined();
  });

  test('D5.1 a model that was taken out of service is told by its name', async () => {
    const port = await answering(200, '{"data":[{"id":"gpt-5.4-mini"}]}');
    const probe = (models: string[]) =>
      vendorProbe({
        vendor: 'openai',
        apiKey: new Secret(key),
        baseUrl: `http://127.0.0.1:${port}`,
        models,
        clock: systemClock,
      });
    expect((await probe(['gpt-5.4-mini']).look(forever)).failure).toBeUndefined();
    expect((await probe(['gpt-5.4-mini', 'gpt-4']).look(forever)).failure).toMatchObject({
      sub: 'config',
      message: 'does not offer the model gpt-4 to this key',
    });
  });
});
