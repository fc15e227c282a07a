import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { makeCertificate } from '../../../emulators/cartesia/certificate.ts';
import { connected, createRedisClient } from '../../../src/adapters/redis/client.ts';
import { Secret } from '../../../src/secret.ts';
import { spawnOwned } from '../../../tools/lib/owned.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import { findRedisServer, startRedis } from '../../../tools/services/redis.ts';
import { startSentinelFake } from '../../support/sentinel-fake.ts';

test('R10.1 a client that is told of another primary while it asks for the primary is connected again', async () => {
  const server = await startRedis();
  const sentinel = await startSentinelFake(server.port);
  const redis = createRedisClient({ url: new Secret(`redis+sentinel://127.0.0.1:${sentinel.port}/calls`) });
  await connected(redis);
  await sentinel.listened();
  const asked = sentinel.hold();
  const operator = new Redis(server.url);
  await operator.call('CLIENT', 'KILL', 'TYPE', 'normal');
  const question = await asked;
  await sentinel.tellSwitch();
  question.answer();
  await expect.poll(() => redis.ping().catch(() => 'away'), { timeout: 5000 }).toBe('PONG');
  redis.disconnect();
  operator.disconnect();
  sentinel.close();
  await server.stop();
});

test('R8.1 rediss+sentinel:// speaks TLS to the sentinels and to the primary that they name', async () => {
  const certificate = await makeCertificate();
  const trusted = getCACertificates('default');
  setDefaultCACertificates([...trusted, certificate.cert]);
  const port = await freeTcpPort();
  const server = startTlsServer(port, certificate);
  const sentinel = await startSentinelFake(port, certificate);
  const redis = createRedisClient({ url: new Secret(`rediss+sentinel://127.0.0.1:${sentinel.port}/calls`) });
  await expect.poll(() => redis.ping().catch(() => 'away')).toBe('PONG');
  redis.disconnect();
  sentinel.close();
  await server.stop();
  setDefaultCACertificates(trusted);
  await certificate.remove();
});

function startTlsServer(port: number, { key, caFile }: { readonly key: string; readonly caFile: string }) {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-tls-'));
  const keyFile = join(dir, 'key.pem');
  writeFileSync(keyFile, key);
  const files = ['--tls-cert-file', caFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', caFile];
  const rest = ['--tls-auth-clients', 'no', '--bind', '127.0.0.1', '--save', ''];
  const child = spawnOwned(findRedisServer()!, ['--port', '0', '--tls-port', String(port), ...files, ...rest]);
  const stop = async () => {
    await child.stop();
    rmSync(dir, { recursive: true });
  };
  return { stop };
}
