import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { addKey, signWith } from '../../src/adapters/keys-file/edit.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { Secret } from '../../src/secret.ts';
import { findLivekitServer, type RunningServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { ask, greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { startKeyLoad } from '../support/key-load.ts';

const rules = [
  { user: 'red', text: 'Ruby it is.' },
  { user: 'green', text: 'Then jade.' },
];
const next = ['APInext', 'next-secret-0123456789-0123456789-01'] as const;

let folder: string;
let server: RunningServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-keys-'));
  const webhookUrl = `${inject('webhookHubUrl')}/webhook`;
  server = await startLivekitServer({
    binary: (await findLivekitServer())!,
    webhookUrl,
    keys: { [next[0]]: next[1] },
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const greet = async (world: CallWorld): Promise<TestCall> => {
  const call = await world.dial();
  await greeted(call);
  return call;
};

test('R1.1 R8.3 keys change under a load of calls, webhooks and requests: nothing is refused and nobody is cut off', () =>
  inRealTime(async () => {
    const path = join(folder, 'keys.yaml');
    const old = [server.apiKey, server.apiSecret] as const;
    writeFileSync(path, `${old[0]}: ${old[1]}\n`, { mode: 0o600 });
    const logPath = join(folder, 'log');
    const log = createLogger({ level: 'debug', to: logPath });
    const settings = { LIVEKIT_KEYS_FILE: path };
    const world = await openCallWorld({ livekit: server, settings, emulators: { openai: { rules } }, log });
    const { keys, instance, doors } = world;
    const names = () => [...keys.all().keys()];
    const before = await Promise.all([greet(world), greet(world)]);
    const load = startKeyLoad({
      url: server.url,
      keys,
      desk: instance.tokens,
      webhooksUrl: doors.webhooks.url,
      webhookKeys: () => [old, next].filter(([key]) => keys.all().has(key)),
    });

    addKey(path, { apiKey: next[0], apiSecret: new Secret(next[1]) });
    await expect.poll(names).toEqual([old[0], next[0]]);
    const between = greet(world);
    signWith(path, next[0]);
    await expect.poll(names).toEqual([next[0], old[0]]);
    const after = await Promise.all([between, greet(world)]);
    const counted = { ...load.done };
    await expect
      .poll(() => Object.values(load.done).every((count, at) => count > Object.values(counted)[at]! + 20))
      .toBe(true);
    await Promise.all([...before, ...after].map((call) => ask(call, 'i like red', /Ruby/)));
    await Promise.all(before.map((call) => ask(call, 'no green please', /jade/)));
    await load.stop();

    expect([[...load.failures], [...load.signers]]).toEqual([[], [old[0], next[0]]]);
    expect(
      [...before, ...after].map((call) => [
        call.host() !== undefined,
        call.phone.events().some(({ type }) => type === 'line.reconnecting' || type === 'ended'),
      ]),
    ).toEqual(Array.from({ length: 4 }, () => [true, false]));
    await log.flush();
    const text = readFileSync(logPath, 'utf8');
    expect(text.match(/"outcome":"stored"/g)!.length).toBeGreaterThanOrEqual(4);
    expect(text).not.toMatch(/"outcome":"forged"|next-secret/);
    console.log(
      `while the keys changed: ${JSON.stringify(load.done)}, ${load.failures.size} failures, 4 calls, 0 dropped`,
    );
    await world.close();
  }));
