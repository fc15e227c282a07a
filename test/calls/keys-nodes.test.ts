import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { probeKey } from '../../src/adapters/livekit/api/probe-key.ts';
import { rotate } from '../../src/cli/rotation.ts';
import { systemClock } from '../../src/clock.ts';
import { readKeysFile } from '../../src/config/keys-file.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { ask, greeted } from '../support/call-ask.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { startKeyLoad } from '../support/key-load.ts';
import { startLivekitNodes } from '../support/livekit-nodes.ts';

const rules = [{ user: 'red', text: 'Ruby it is.' }];
const folder = mkdtempSync(join(tmpdir(), 'voicechart-nodes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'keys.yaml');

/** As they stand in the file. */
function held(): (readonly [string, string])[] {
  const { reading } = readKeysFile(path);
  return 'keys' in reading ? [...reading.keys].map(([key, secret]) => [key, secret.reveal()] as const) : [];
}

async function greet(world: CallWorld): Promise<TestCall> {
  const call = await world.dial();
  await greeted(call);
  return call;
}

test('R8.3 a key comes to a server of two nodes and another goes, drained in turn, while calls come and go: nothing is refused', async () => {
  const old = ['APIold', 'old-secret-0123456789-0123456789-012'] as const;
  writeFileSync(path, `${old[0]}: ${old[1]}\n`, { mode: 0o600 });
  const nodes = await startLivekitNodes(`${inject('webhookHubUrl')}/webhook`, [old]);
  const { url, httpUrl } = nodes;
  /** What the telephones' gateway signs with. */
  let gateway: readonly [string, string] = old;
  const livekit = {
    url,
    httpUrl,
    get apiKey() {
      return gateway[0];
    },
    get apiSecret() {
      return gateway[1];
    },
  };
  const logPath = join(folder, 'log');
  const log = createLogger({ level: 'debug', to: logPath });
  const settings = { LIVEKIT_KEYS_FILE: path };
  const world = await openCallWorld({ livekit, settings, emulators: { openai: { rules } }, log });
  const { keys, instance, doors } = world;
  const webhookKeys = () => held().filter(([key]) => keys.all().has(key));
  const load = startKeyLoad({ url, keys, desk: instance.tokens, webhooksUrl: doors.webhooks.url, webhookKeys });

  let skippedMs = 0;
  const go = (servicesSwitched = false) =>
    rotate({
      path,
      servicesSwitched,
      probe: (key) => probeKey(url, key, systemClock),
      nowMs: () => Date.now() + skippedMs,
    });
  let calls = 0;
  /** Of a call that began before the drain and one that begins in it, both go on. */
  async function restartBoth(now: () => readonly (readonly [string, string])[]): Promise<void> {
    for (const index of [0, 1] as const) {
      // oxlint-disable-next-line no-await-in-loop
      const before = await greet(world);
      // oxlint-disable-next-line no-await-in-loop
      await nodes.restart(index, now(), async () => {
        const during = await greet(world);
        await ask(before, 'i like red', /Ruby/);
        await ask(during, 'i like red', /Ruby/);
        await Promise.all([before, during].map(({ phone }) => phone.hangUp()));
        calls += 2;
      });
    }
  }

  const { step, to } = await go();
  expect([step, held().map(([key]) => key)]).toEqual(['server_must_learn', [old[0], to]]);
  await expect.poll(() => keys.all().has(to)).toBe(true);
  // Webhooks may be signed with it at once: our side believes it.
  await restartBoth(() => held().toReversed());
  expect((await go()).step).toBe('services_must_switch');
  await expect.poll(() => keys.signing().apiKey).toBe(to);
  gateway = held()[0]!;
  const { until } = await go(true);
  skippedMs = until! - Date.now();
  expect([(await go()).step, held().map(([key]) => key)]).toEqual(['server_must_forget', [to]]);
  await expect.poll(() => [...keys.all().keys()]).toEqual([to]);
  await restartBoth(held);
  expect((await go()).step).toBe('finished');
  const last = await greet(world);
  await ask(last, 'i like red', /Ruby/);
  await load.stop();

  expect([[...load.failures], [...load.signers]]).toEqual([[], [old[0], to]]);
  await log.flush();
  expect(readFileSync(logPath, 'utf8')).not.toMatch(/"outcome":"forged"/);
  console.log(`while both nodes were drained twice: ${JSON.stringify(load.done)}, ${calls + 1} calls, 0 dropped`);
  await world.close();
  await nodes.stop();
});
