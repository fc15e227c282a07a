import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startEmulators } from '../../emulators/all.ts';

const folder = mkdtempSync(join(tmpdir(), 'voicechart-worker-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('S3 D9.1 a promise that was left alone is told, and takes no process with it that runs calls', async () => {
  const emulators = await startEmulators();
  const env = {
    ...process.env,
    ...emulators.env,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret-of-thirty-two-characters-!',
    AGENTS: 'test/wiring/fixtures/forgetful.ts',
    DATA_DIR: join(folder, 'data'),
  };
  const worker = fork('src/worker-main.ts', [], { env, silent: true });
  const heard: { readonly type: string }[] = [];
  let told = '';
  worker.on('message', (message: { readonly type: string }) => heard.push(message));
  for (const out of [worker.stdout, worker.stderr]) out!.on('data', (text: Buffer) => void (told += text.toString()));
  const exited = once(worker, 'exit');
  await expect.poll(() => heard.map(({ type }) => type), { timeout: 20_000 }).toContain('ready');
  worker.send({ type: 'hand_over' });
  await expect.poll(() => told, { timeout: 5000 }).toContain('nobody waits for this');
  expect(told).toContain('"code":"unhandled"');
  worker.send({ type: 'leave' });
  expect((await exited)[0]).toBe(0);
  await emulators.close();
}, 40_000);
