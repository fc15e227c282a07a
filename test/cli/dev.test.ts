import { appendFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { startEmulators } from '../../emulators/all.ts';
import { dev } from '../../src/cli/dev.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { runCli } from '../support/cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `voicechart dev` over an agent of its own, as JSON lines. */
async function startDev() {
  const emulators = await startEmulators();
  const folder = await mkdtemp(join(tmpdir(), 'voicechart-dev-'));
  const agent = join(folder, 'agents', 'receptionist.ts');
  await mkdir(join(folder, 'agents'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const text = await readFile(join(root, 'agents', 'receptionist.ts'), 'utf8');
  await writeFile(agent, text.replace('../src/', `${root}/src/`));
  const health = await freeTcpPort();
  const stop = new AbortController();
  const env = {
    ...emulators.env,
    PATH: process.env['PATH'] ?? '',
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 's'.repeat(32),
    LOG_LEVEL: 'silent',
    AGENTS: join(folder, 'agents'),
    DATA_DIR: join(folder, 'data'),
    WEBHOOK_ADDR: '127.0.0.1:0',
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: `127.0.0.1:${health}`,
  };
  const news: Record<string, unknown>[] = [];
  const watched = {
    run: (args: readonly string[], world: Parameters<typeof dev.run>[1]) =>
      dev.run(args, { ...world, out: (line) => void news.push(JSON.parse(line)) }),
  };
  const running = runCli(watched, ['--json'], env, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
    await emulators.close();
    await rm(folder, { recursive: true, force: true });
  });
  const told = (event: string, count: number) =>
    expect.poll(() => news.filter((each) => each['event'] === event).length, { timeout: 30_000 }).toBe(count);
  const lives = async () => (await fetch(`http://127.0.0.1:${health}/livez`)).status;
  return { agent, news, told, lives, stop, running };
}

it('follows its agents: another instance on a change, the old one where the change has a mistake', async () => {
  const { agent, news, told, lives, stop, running } = await startDev();
  await told('started', 1);
  await appendFile(agent, '\n// a change\n');
  await told('started', 2);
  expect(news.find(({ event }) => event === 'changed')).toEqual({ event: 'changed', files: [agent] });
  const good = await readFile(agent, 'utf8');
  await appendFile(agent, 'export const = 3;\n');
  await told('unfit', 1);
  expect(news.at(-1)).toMatchObject({
    kept: true,
    problems: [expect.stringMatching(/^receptionist\.ts: line \d+: SyntaxError/)],
  });
  expect(await lives()).toBe(200);
  await writeFile(agent, good);
  await told('started', 3);
  stop.abort();
  expect((await running).code).toBe(0);
  await expect(lives()).rejects.toThrow('fetch failed');
});
