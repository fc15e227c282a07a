import { appendFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPhoneProcess } from '../../emulators/phone/process.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { type DoctorWorld, openDoctorWorld } from '../support/doctor-world.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let world: DoctorWorld;
beforeAll(async () => void (world = await openDoctorWorld()));
afterAll(() => world?.close());

/** The receptionist in a folder that may be written to. */
async function ownAgent(): Promise<string> {
  const folder = dirname(world.env['DATA_DIR']!);
  await mkdir(join(folder, 'agents'), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules')).catch(() => undefined);
  const text = await readFile(join(root, 'agents', 'receptionist.ts'), 'utf8');
  const agent = join(folder, 'agents', 'receptionist.ts');
  await writeFile(agent, text.replace('../src/', `${root}/src/`));
  return agent;
}

test('voicechart dev: a live call goes on through a change of its agent', () =>
  inRealTime(async () => {
    const agent = await ownAgent();
    const dev = world.start(['dev', '--json'], { AGENTS: dirname(agent), LOG_LEVEL: 'error' });
    await expect.poll(() => dev.output(), { timeout: 30_000 }).toContain('"event":"started"');
    const phones = await startPhoneProcess();
    const {
      LIVEKIT_URL: livekitUrl,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
    } = world.env as Record<string, string>;
    const place = { livekitUrl: livekitUrl!, apiKey: apiKey!, apiSecret: apiSecret! };
    const phone = await phones.createPhone({ ...place, room: 'voice-ai-call-dev', from: '+15550123', to: '+15550100' });
    await phone.when('heard.word', ({ text }) => text === 'you?', 30_000);
    await appendFile(agent, '\n// a change\n');
    await expect.poll(() => dev.output().match(/"event":"started"/g)?.length, { timeout: 30_000 }).toBe(2);
    const { endMs } = await phone.sayWords('how much is a room for two nights?');
    await phone.when('heard.word', ({ text, startMs }) => text === 'included.' && startMs > endMs, 60_000);
    await phone.hangUp();
    await phones.close();
    dev.terminate();
    expect((await dev.exited).code).toBe(0);
  }));
