import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen as listenOn } from '../../../emulators/kit/front.ts';
import { createLivekitApi } from '../../../src/adapters/livekit/api/api.ts';
import { checkWebhooks, roomBeside, whereToSay } from '../../../src/cli/doctor/webhooks.ts';
import { systemClock } from '../../../src/clock.ts';
import { healthRoutes } from '../../../src/http/health.ts';
import { listen } from '../../../src/http/listen.ts';
import { webhookRoutes } from '../../../src/http/webhooks.ts';
import { createKeyRing } from '../../../src/key-ring.ts';
import { witnessing } from '../../../src/runtime/witness.ts';
import { Secret } from '../../../src/secret.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import { createChecking } from '../../support/checking.ts';
import { type SmallLivekitOptions, startSmallLivekit } from '../../support/small-livekit.ts';

const own = { apiKey: 'key', apiSecret: 'canary-0123456789-abcdefghij-KLMNOP' };
const secret = new Secret(own.apiSecret);
const keys = createKeyRing(new Map([[own.apiKey, secret]]));

interface Options {
  readonly webhook?: SmallLivekitOptions['webhook'];
  readonly port: number;
  readonly healthPort?: number;
}

async function look({ webhook, port, healthPort = 1 }: Options) {
  const livekit = await startSmallLivekit({ ...own, ...(webhook && { webhook }) });
  const api = createLivekitApi({ url: livekit.url, clock: systemClock, key: keys.signing });
  onTestFinished(api.close);
  const door = {
    keys,
    roomPrefix: 'voice-ai-call',
    webhookAddr: { host: '127.0.0.1', port },
    healthAddr: { host: '127.0.0.1', port: healthPort },
  };
  const checking = createChecking();
  await checkWebhooks({ url: livekit.url, apiKey: own.apiKey, apiSecret: secret, api }, door, systemClock, checking);
  expect(livekit.rooms()).toEqual([]);
  return checking.findings;
}

const open = (app: Parameters<typeof listen>[0]) =>
  listen(app, { setting: 'X', address: { host: '127.0.0.1', port: 0 }, clock: systemClock });

const urlAt = (port: number) => `http://127.0.0.1:${port}/webhooks/livekit`;

describe('webhooks, by doctor', () => {
  it('R7.2 that arrive at its own door are well; the room they came of is deleted', async () => {
    const port = await freeTcpPort();
    expect(await look({ port, webhook: { url: urlAt(port) } })).toMatchObject([
      { check: 'rooms', verdict: 'well' },
      {
        check: 'webhooks',
        verdict: 'well',
        saw: expect.stringMatching(/^LiveKit’s arrive at 127\.0\.0\.1:\d+, after \d+ ms$/),
      },
    ]);
  });

  it('R7.2 that go elsewhere or nowhere are to be mended, with the address to send them to', async () => {
    const port = await freeTcpPort();
    const findings = await look({ port });
    expect(findings.at(-1)).toMatchObject({ verdict: 'mend', saw: expect.stringMatching(/elsewhere or nowhere/) });
    expect(findings.at(-1)!.mend).toContain(`webhook: { api_key: key, urls: ["${urlAt(port)}"] }`);
  });

  it('R7.2 that another key signs are told apart', async () => {
    const port = await freeTcpPort();
    const findings = await look({ port, webhook: { url: urlAt(port), apiKey: 'other' } });
    expect(findings.at(-1)).toMatchObject({
      verdict: 'mend',
      saw: expect.stringMatching(/not believed: key_unknown$/),
    });
  });

  it('R7.2 an instance that has the port is asked whether they arrive', async () => {
    const { intake, saw } = witnessing({ receive: async () => 'ignored' });
    const [webhooks, health] = await Promise.all([
      open(webhookRoutes({ keys, intake, clock: systemClock })),
      open(healthRoutes({ checks: {}, clock: systemClock, saw })),
    ]);
    onTestFinished(async () => void (await Promise.all([webhooks.close(), health.close()])));
    const place = { port: webhooks.address.port, healthPort: health.address.port };
    const findings = await look({ ...place, webhook: { url: urlAt(place.port) } });
    expect(findings.at(-1)).toMatchObject({
      verdict: 'well',
      saw: expect.stringMatching(/, where an instance runs, after/),
    });
  });

  it('a stranger on the port is named as one', async () => {
    const stranger = createServer((_, response) => void response.end('hello'));
    const port = await listenOn(stranger, 0);
    onTestFinished(() => void stranger.close().closeAllConnections());
    const findings = await look({ port, healthPort: port });
    expect(findings[0]).toMatchObject({
      check: 'webhooks',
      verdict: 'mend',
      saw: expect.stringMatching(/is taken, and at HEALTH_ADDR .* no instance answers$/),
    });
    expect(findings[0]!.mend).toContain(`ss -ltnp 'sport = :${port}'`);
  });

  it.each([
    [
      'ws://127.0.0.1:7880',
      /^in livekit\.yaml: webhook: \{ api_key: key, urls: \["http:\/\/us\/"\] \}, and restart it$/,
    ],
    ['ws://10.0.0.5:7880', /; export WEBHOOK_ADDR=0\.0\.0\.0:8080, since 127\.0\.0\.1:8080 takes none from there$/],
    ['wss://mine.livekit.cloud', /^at https:\/\/cloud\.livekit\.io, .*\/webhooks\/livekit, led to 127\.0\.0\.1:8080$/],
  ])('of %s it says where they are to be set', (url, said) => {
    expect(whereToSay({ url, apiKey: 'key' }, 'http://us/', { host: '127.0.0.1', port: 8080 })).toMatch(said);
  });

  it.each(['v', 'voicechart-check-', 'c', 'voice-ai-call'])(
    'its room is none that instances with the prefix %s answer',
    (prefix) => {
      expect(roomBeside(prefix).startsWith(prefix)).toBe(false);
    },
  );
});
