import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { startEmulators } from '../../emulators/all.ts';
import { startInstanceProcess } from '../../tools/stack/instance-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'voicechart-main-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('an instance that another process started ends on SIGTERM with exit code 0', async () => {
  const emulators = await startEmulators();
  const instance = await startInstanceProcess({
    ...emulators.env,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'secret-of-thirty-two-characters-!',
    AGENTS: 'agents/receptionist.ts',
    WEBHOOK_ADDR: '127.0.0.1:0',
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: '127.0.0.1:0',
    DATA_DIR: join(folder, 'data'),
  });
  await instance.stop(20_000);
  expect(await instance.exited).toBe(0);
  await emulators.close();
});
