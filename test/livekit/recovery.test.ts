import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LiveKitFront, startLiveKitFront } from '../../emulators/livekit/front.ts';
import type { Work } from '../../src/actors/trouble.ts';
import { disposeRtc } from '../../src/adapters/livekit/rtc.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { calmPosture } from '../../src/posture.ts';
import { createLogger, type LogFields, type Logger } from '../../src/runtime/log.ts';
import type { Target } from '../../src/targets.ts';
import { livekitLines } from '../../src/wiring/call-lines.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { createHosts } from '../../src/wiring/hosts.ts';
import { recoveryEffects } from '../../src/wiring/recovery-effects.ts';
import { openTogether } from '../../src/wiring/together.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { type LivekitWithRedis, startLivekitWithRedis } from '../support/livekit-with-redis.ts';

const lines = (network: string) => `
  inbound:
    line: { numbers: ['\${SIP_NUMBER}'], allowedAddresses: ['${network}'] }
  rules:
    dispatch: { trunks: [line], room: { prefix: voice-ai-call }, agent: receptionist }
`;
const file = `${lines('203.0.113.0/24').replaceAll('\n  ', '\n')}\nbackup:${lines('198.51.100.7')}`;

const run = (work: Work, target: Target = 'livekit-sip') =>
  work({ target, since: 0 }, { signal: AbortSignal.timeout(15_000) });

describe('what recovery does, at a real livekit-server with Redis', () => {
  let server: LivekitWithRedis;
  let front: LiveKitFront;
  beforeAll(async () => {
    server = await startLivekitWithRedis();
    front = await startLiveKitFront({ upstream: server.url, apiKey: server.apiKey, apiSecret: server.apiSecret });
  });
  afterAll(async () => {
    await front?.close();
    await server?.stop();
    await disposeRtc();
  });

  /** The effects of an instance with these settings, and what it logged. */
  async function opened(settings: Readonly<Record<string, string>> = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'voicechart-recovery-'));
    writeFileSync(join(folder, 'sip.yaml'), file);
    const { url, apiKey, apiSecret, redisAddress } = server;
    const keys = settings['LIVEKIT_KEYS_FILE'] ? {} : { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
    const reading = readConfig({
      LIVEKIT_URL: url,
      ...keys,
      REDIS_URL: `redis://${redisAddress}`,
      LIVEKIT_SIP_ADDR: `127.0.0.1:${front.sipPort}`,
      SIP_FILE: join(folder, 'sip.yaml'),
      SIP_NUMBER: '+4930123456',
      ...settings,
    });
    if ('problems' in reading) throw new Error(reading.problems.join('\n'));
    const { config, secrets } = reading;
    const logged: LogFields[] = [];
    const note = (fields: LogFields) => void logged.push(fields);
    const log: Logger = { ...createLogger({ level: 'silent' }), info: note, warn: note, error: note };
    const posture = openPosture(log);
    const clock = systemClock;
    const own = await livekitLines({ config, secrets, hosts: createHosts(config, posture), clock });
    const together = await openTogether(secrets, clock, log);
    onTestFinished(async () => {
      await together.close();
      rmSync(folder, { recursive: true });
    });
    const ports = recoveryEffects({
      config,
      secrets,
      agents: [],
      lines: own,
      posture,
      clock,
      log,
      connections: () => [own.connections!, ...together.connections],
      initialized: async () => undefined,
      leads: async () => true,
      alert: () => undefined,
      failsafe: () => undefined,
      kinds: [],
    });
    const failing = async (...targets: Target[]) =>
      (await ports.health.probe(targets, { signal: AbortSignal.timeout(15_000) })).map(
        ({ target, failure }) => `${target}: ${failure.class}: ${failure.message}`,
      );
    return { ports, failing, logged, posture, admin: own.sipAdmin!, folder, together };
  }

  test('D8.2 D8.5 D8.7 D3.2 a rule that went missing is found by the probe and made again, and the log says so', async () => {
    const { ports, failing, logged, admin } = await opened();
    expect(await failing('livekit-sip')).toEqual([
      expect.stringMatching(/^livekit-sip: sip: LiveKit lacks inbound line of/),
    ]);
    expect(await run(ports.sip.checkConfig)).toMatchObject({ did: expect.stringContaining('2 trunks and rules') });
    expect(await run(ports.sip.reloadConfig)).toMatchObject({ did: 'create inbound line, create rule dispatch' });
    expect(await run(ports.sip.testConnection)).toMatchObject({
      did: expect.stringMatching(/OPTIONS.*LiveKit has all 2/),
    });
    expect(await failing('livekit-sip', 'sip-gateway')).toEqual([]);

    const [rule] = (await admin.list()).filter(({ kind }) => kind === 'rule');
    await admin.remove('rule', rule!.id);
    expect(await failing('livekit-sip')).toEqual([expect.stringContaining('lacks rule dispatch of')]);
    expect(await run(ports.diagnostics.autoFix)).toMatchObject({
      did: expect.stringContaining('create rule dispatch'),
    });
    expect(logged).toContainEqual(
      expect.objectContaining({ code: 'recovery.sip_applied', changes: ['create rule dispatch'] }),
    );
    expect(logged).toContainEqual(expect.objectContaining({ code: 'recovery.fixed', target: 'livekit-sip' }));
    expect(await failing('livekit-sip')).toEqual([]);
  });

  test('D8.5 the backup set takes the place of the main one once nothing stands in its way, and the main one is made again', async () => {
    const { ports, failing, posture, admin } = await opened();
    const networks = async () =>
      (await admin.list()).flatMap((each) => (each.kind === 'inbound' ? each.allowedAddresses : []));
    await run(ports.sip.reloadConfig);
    expect(await run(ports.sip.checkBackup)).toMatchObject({
      did: expect.stringMatching(/OPTIONS.*LiveKit can have all 2/),
    });
    expect(await networks()).toEqual(['203.0.113.0/24']);
    expect(await run(ports.sip.useBackupConfig)).toMatchObject({ did: expect.stringContaining('update inbound line') });
    posture.take({ ...calmPosture, version: 1, sipSet: 'backup' });
    expect([await networks(), await failing('livekit-sip')]).toEqual([['198.51.100.7'], []]);
    expect(await run(ports.sip.leadBack)).toMatchObject({ did: expect.stringContaining('LiveKit has all 2') });
    posture.take({ ...calmPosture, version: 2 });
    expect(await networks()).toEqual(['203.0.113.0/24']);
    expect(await failing('livekit-sip')).toEqual([]);
  });

  test('D8.3 where LiveKit does not know our key the next one of the file signs, and what was refused is done', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'voicechart-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'keys.yaml');
    const { apiKey, apiSecret } = server;
    writeFileSync(path, `gone: ${apiSecret}\n${apiKey}: ${apiSecret}\n`, { mode: 0o600 });
    const { ports, failing } = await opened({ LIVEKIT_KEYS_FILE: path });
    expect(await failing('livekit-room', 'livekit-connect')).toEqual([
      expect.stringMatching(/^livekit-room: auth: /),
      expect.stringMatching(/^livekit-connect: auth: /),
    ]);
    expect(await run(ports.access.retry, 'livekit-connect')).toMatchObject({ class: 'auth' });
    expect(await run(ports.access.refreshToken, 'livekit-room')).toMatchObject({
      did: expect.stringContaining('instead of'),
    });
    expect(await run(ports.access.retry, 'livekit-connect')).toMatchObject({
      did: expect.stringContaining('rtc/validate'),
    });
    expect(await failing('livekit-room', 'livekit-connect')).toEqual([]);
  });

  test('D8.4 D8.6 connections to Redis and LiveKit are made anew, and the other host is a way only while it answers', async () => {
    const away = await opened({ LIVEKIT_FALLBACK_URL: `ws://127.0.0.1:${await freeTcpPort()}` });
    const { ports, together } = away;
    expect(await run(ports.network.reconnect, 'redis')).toMatchObject({
      did: expect.stringMatching(/^renewed connections to Redis; redis answers/),
    });
    await together.register.bar({ room: 'room', identity: 'me' }, 1000);
    expect(await run(ports.network.reconnect, 'livekit-room')).toMatchObject({
      did: expect.stringMatching(/^renewed sockets/),
    });
    expect(await run(ports.network.check, 'livekit-room')).toMatchObject({
      did: expect.stringContaining('can be reached'),
    });
    expect(await run(ports.api.checkStatus, 'livekit-room')).toEqual({ did: 'livekit-room answers with 200' });
    expect(await run(ports.api.useFallback, 'livekit-room')).toMatchObject({ class: 'network' });
    const near = await opened({ LIVEKIT_FALLBACK_URL: front.url });
    expect(await run(near.ports.api.useFallback, 'livekit-room')).toMatchObject({
      did: expect.stringMatching(/^at the other host/),
    });
  });
});
