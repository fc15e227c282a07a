import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The demo as a process of its own group, with what it has printed so far. */
export interface DemoProcess {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  /** Resolves when it has printed this; rejects when it ends before. */
  prints(text: string): Promise<void>;
  readonly ended: Promise<number | null>;
}

/** `npm run demo` with these arguments and nothing in the environment but this. */
export function startDemo(args: readonly string[], env: Readonly<Record<string, string>>): DemoProcess {
  const demo = spawn(process.execPath, ['tools/run.js', 'tools/demo/main.ts', ...args], {
    cwd: root,
    env: { NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    demo[name].on('data', (data: Buffer) => (said[name] += data.toString()));
  const ended = new Promise<number | null>((resolve) => demo.once('close', resolve));
  return {
    pid: demo.pid ?? 0,
    stdout: () => said.stdout,
    stderr: () => said.stderr,
    prints: (text) =>
      new Promise((resolve, reject) => {
        const look = () => (said.stdout + said.stderr).includes(text) && resolve();
        for (const name of ['stdout', 'stderr'] as const) demo[name].on('data', look);
        look();
        demo.once('close', () => reject(new Error(`it ended without printing ${text}:\n${said.stdout}${said.stderr}`)));
      }),
    ended,
  };
}

/** The environment of a machine on which no livekit-server can be had; everything else is in `folder`. */
export function bareMachine(folder: string): Record<string, string> {
  const [PATH, HOME, TMPDIR] = ['bin', 'home', 'tmp'].map((name) => join(folder, name)) as [string, string, string];
  for (const each of [PATH, HOME, TMPDIR]) mkdirSync(each, { recursive: true });
  return { PATH, HOME, TMPDIR, XDG_CACHE_HOME: join(folder, 'cache') };
}
