import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import { openSqlite } from '../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../src/clock.ts';
import { openAccess } from '../../src/wiring/access.ts';
import { run } from '../../tools/lib/run.ts';
import { findSchemathesis } from '../../tools/services/schemathesis.ts';
import { type InstanceProcess, startInstanceProcess } from '../../tools/stack/instance-process.ts';
import { recordedCall } from '../console/console-world.ts';
import '../support/services.ts';

const config = fileURLToPath(new URL('schemathesis.toml', import.meta.url));
const callKey = 'voice-ai-call-_+15550199_1~SCL_1';

let folder: string;
let emulators: Emulators;
let instance: InstanceProcess;
let adminKey: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-api-'));
  const stores = await openSqlite({ dir: folder, clock: systemClock });
  await stores.log.append(callKey, 1, recordedCall(Date.now() - 60_000));
  await stores.close();
  const { text } = await openAccess(folder, systemClock).keys.create({
    name: 'schemathesis',
    role: 'admin',
  });
  adminKey = text;
  emulators = await startEmulators();
  const { url, apiKey, apiSecret } = inject('livekit');
  instance = await startInstanceProcess({
    ...emulators.env,
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    AGENTS: 'agents/receptionist.ts',
    WEBHOOK_ADDR: '127.0.0.1:0',
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: '127.0.0.1:0',
    DATA_DIR: folder,
  });
});
afterAll(async () => {
  await instance?.stop();
  await emulators?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('whatever the document allows, and whatever it forbids, is answered as it says, and never by a failure of ours', async () => {
  const python = await findSchemathesis({ progress: console.error });
  const { code, output } = await run(
    python,
    [
      '-m',
      'schemathesis.cli',
      '--config-file',
      config,
      '--no-color',
      'run',
      `${instance.api}/openapi.json`,
      '--header',
      `Authorization: Bearer ${adminKey}`,
      '--max-examples',
      '12',
      '--warnings',
      'off',
    ],
    { limitMs: 380_000, cwd: folder, env: { ...process.env, CALL_ID: callKey } },
  );
  expect(code, output).toBe(0);
  const { paths } = (await (await fetch(`${instance.api}/openapi.json`)).json()) as { paths: Record<string, object> };
  const operations = Object.values(paths).flatMap(Object.keys).length;
  expect(output).toContain(`Tested: ${operations}`);
}, 400_000);
