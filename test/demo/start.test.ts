import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import type { LivekitAccess } from '../support/services.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm start` with nothing in the environment but this. */
function launch(env: Record<string, string>) {
  const child = spawn(process.execPath, ['tools/run.js', 'src/main.ts'], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const says = (text: string) =>
    new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => out.includes(text) && resolve());
      child.once('close', () => reject(new Error(`it ended without saying ${text}:\n${out}`)));
    });
  return { child, ended, says, out: () => out };
}

async function start(env: Record<string, string>): Promise<{ code: number | null; out: string }> {
  const { ended, out } = launch(env);
  return { code: await ended, out: out() };
}

const livekitOf = ({ url, apiKey, apiSecret }: LivekitAccess) => ({
  LIVEKIT_URL: url,
  LIVEKIT_API_KEY: apiKey,
  LIVEKIT_API_SECRET: apiSecret,
});

const wrongAgent = `import { agent, cartesia, flux, openai } from ${JSON.stringify(join(root, 'src/agent.ts'))};
export default agent({
  name: 'clerk', language: ['en'], ears: [flux()], model: [openai('m')], voice: [cartesia('v')],
  disclosure: 'd', greeting: 'g', instructions: 'i', recording: 'always', maxCallMs: 5,
});
`;

const livekit = {
  LIVEKIT_URL: 'ws://127.0.0.1:1',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret-of-thirty-two-characters-!',
};

describe('npm start', () => {
  it('refuses an empty environment with exit code 78 and everything that is missing', async () => {
    const { code, out } = await start({});
    expect(code).toBe(78);
    for (const name of ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET']) expect(out).toContain(name);
  });

  it('lists unknown and wrong settings at once and prints no secret', async () => {
    const { code, out } = await start({
      ...livekit,
      LIVEKIT_URI: 'ws://x',
      API_ADDR: '0.0.0.0:80',
      OPENAI_API_KEY: 'sk-do-not-print-me-0123456789',
    });
    expect(code).toBe(78);
    expect(out).toContain('LIVEKIT_URI');
    expect(out).toContain('API_ADDR');
    expect(out).not.toMatch(/do-not-print-me|thirty-two/);
  });

  it('refuses an agent file with errors, with every one of them, beside wrong settings and a certificate that is not there', async () => {
    const file = join(folder, 'clerk.ts');
    writeFileSync(file, wrongAgent);
    const { code, out } = await start({ ...livekit, AGENTS: file, LOG_LEVEL: 'loud', CARTESIA_CA_FILE: '/none.pem' });
    expect(code).toBe(78);
    expect(out.trim().split('\n')).toEqual([
      'Voicechart cannot start: 4 problem(s) in its settings and agents.',
      expect.stringContaining('LOG_LEVEL: must be one of'),
      expect.stringContaining('clerk.ts: recording: "always" came'),
      expect.stringContaining('clerk.ts: maxCallMs: 5 came; allowed: a whole number'),
      expect.stringContaining('CARTESIA_CA_FILE: must be a file that can be read (ENOENT), not "/none.pem"'),
    ]);
  });
});

describe('a running instance', () => {
  let emulators: Emulators;
  let instance: ReturnType<typeof launch>;
  let started: { readonly console: string; readonly health: string };
  const settings = () => ({
    ...emulators.env,
    ...livekitOf(inject('livekit')),
    AGENTS: 'agents/receptionist.ts',
    WEBHOOK_ADDR: '127.0.0.1:0',
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: '127.0.0.1:0',
    DATA_DIR: join(folder, 'data'),
  });

  beforeAll(async () => {
    emulators = await startEmulators();
    instance = launch(settings());
    await instance.says('"code":"started"');
    const line = instance
      .out()
      .split('\n')
      .find((each) => each.includes('"code":"started"'));
    started = JSON.parse(line ?? '{}') as typeof started;
  });
  afterAll(async () => {
    instance.child.kill('SIGKILL');
    await emulators.close();
  });

  it('R8.4 tells whoever starts it for the first time how to come in', () => {
    expect(instance.out()).toContain(
      `DATA_DIR=${join(folder, 'data')} npm run -s voicechart -- api-keys create --role`,
    );
  });

  it('is alive and ready', async () => {
    const answers = ['livez', 'readyz'].map((path) => fetch(`http://${started.health}/${path}`));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('keeps another one from its port, which says which setting to change: exit code 69', async () => {
    const taken = new URL(started.console).host;
    const { code, out } = await start({ ...settings(), API_ADDR: taken, DATA_DIR: join(folder, 'other') });
    expect(code).toBe(69);
    expect(out).toContain(`Voicechart stopped: API_ADDR: ${taken} is in use by another program`);
  });

  it('keeps another one from its data, which says whose they are: exit code 69', async () => {
    const { code, out } = await start(settings());
    expect(code).toBe(69);
    expect(out).toMatch(new RegExp(`Voicechart stopped: .*in use by another process \\(pid ${instance.child.pid}\\)`));
  });

  it('ends on SIGTERM with exit code 0', async () => {
    instance.child.kill('SIGTERM');
    expect(await instance.ended).toBe(0);
  });
});

it('an instance that is asked to stop while it starts takes no call and leaves with exit code 0', async () => {
  const slow = join(folder, 'slow.ts');
  writeFileSync(slow, 'console.log("loading");\nawait new Promise((resolve) => setTimeout(resolve, 60_000));\n');
  const instance = launch({ ...livekit, AGENTS: slow, DATA_DIR: join(folder, 'never') });
  await instance.says('loading');
  instance.child.kill('SIGTERM');
  expect(await instance.ended).toBe(0);
  expect(existsSync(join(folder, 'never'))).toBe(false);
});
