import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger, type Logger } from '../../src/runtime/log.ts';
import { watchKeys } from '../../src/wiring/keys.ts';
import { openTogether } from '../../src/wiring/together.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';

const secret = 'canary-secret-0123456789-0123456789';
let folder: string;
let log: Logger;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-together-'));
  log = createLogger({ level: 'info', to: join(folder, 'log') });
});
afterEach(() => rmSync(folder, { recursive: true }));

async function codes(): Promise<readonly string[]> {
  await log.flush();
  const text = readFileSync(join(folder, 'log'), 'utf8');
  expect(text).not.toContain('canary');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => `${JSON.parse(line).level} ${JSON.parse(line).code}`);
}

function settings(env: Readonly<Record<string, string>>) {
  const read = readConfig({ LIVEKIT_URL: 'ws://127.0.0.1:7880', ...env });
  if ('problems' in read) throw new Error(read.problems.join());
  return read;
}
const pair = { LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: secret };

describe('what the log says of instances and keys', () => {
  test('without REDIS_URL, that there is this process alone', async () => {
    const { secrets } = settings(pair);
    const together = await openTogether(secrets, systemClock, log);
    expect(await codes()).toEqual(['info instance.alone']);
    await together.close();
  });

  test('with a REDIS_URL that cannot be reached, that it is so, and the instance starts', async () => {
    const { secrets } = settings({ ...pair, REDIS_URL: `redis://:canary@127.0.0.1:${await freeTcpPort()}` });
    const together = await openTogether(secrets, systemClock, log);
    await expect(together.register.find('id')).rejects.toThrow();
    expect(await codes()).toEqual(['error redis.lost']);
    await together.close();
  });

  test('R8.2 R8.3 what becomes of the file of keys, and that LiveKit may be insecure, without a secret', async () => {
    const path = join(folder, 'keys.yaml');
    writeFileSync(path, `a: ${secret}\n`);
    chmodSync(path, 0o644);
    const { config, secrets } = settings({
      LIVEKIT_KEYS_FILE: path,
      LIVEKIT_URL: 'ws://livekit.example',
      ALLOW_INSECURE_LIVEKIT: '1',
    });
    const watching = watchKeys(config, secrets, systemClock, log);
    await expect.poll(codes).toEqual(['warn livekit.insecure', 'warn keys.open']);
    writeFileSync(path, `a: ${secret}\nb: ${secret}\n`);
    await expect.poll(async () => (await codes()).at(-1)).toBe('info keys.changed');
    expect([...secrets.livekitKeys.all().keys()]).toEqual(['a', 'b']);
    writeFileSync(path, `a: ${secret} ${secret}\n`);
    await expect.poll(async () => (await codes()).at(-1)).toBe('error keys.unusable');
    watching.close();
  });
});
