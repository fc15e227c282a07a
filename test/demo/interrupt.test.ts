import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('Ctrl-C in the middle of the demo leaves no process and no folder behind', async () => {
  const before = new Set(leftFolders());
  const demo = spawn(process.execPath, ['tools/run.js', 'tools/demo/main.ts'], {
    cwd: root,
    env: { ...process.env, CI: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  demo.stdout.on('data', (data: Buffer) => (said += data.toString()));
  demo.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const exited = new Promise<number | null>((resolve) => demo.once('exit', (code) => resolve(code)));
  await expect.poll(() => said, { timeout: 90_000 }).toContain('greeting › speaking');
  const family = descendants(demo.pid ?? 0);
  expect(family.length).toBeGreaterThanOrEqual(3);
  process.kill(-(demo.pid ?? 0), 'SIGINT');
  expect(await exited).toBe(130);
  await expect.poll(() => family.filter((each) => processes().has(each)), { timeout: 20_000 }).toEqual([]);
  expect(leftFolders().filter((each) => !before.has(each))).toEqual([]);
});

const leftFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('voicechart-demo-'));

/** Running processes as `pid@start`, with their parents': a number that is used again is another process. */
function processes(): Map<string, string> {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const stats = new Map(pids.flatMap((pid) => statOf(pid) ?? []));
  return new Map([...stats].map(([pid, { start, parent }]) => [`${pid}@${start}`, parent]));
}

function statOf(pid: string): [[string, { parent: string; start: string }]] | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : [[pid, { parent: fields[1] ?? '', start: fields[19] ?? '' }]];
  } catch {
    return undefined;
  }
}

function descendants(pid: number): string[] {
  const all = [...processes()];
  const found: string[] = [];
  const add = (parent: string) => {
    for (const [name, of] of all)
      if (of === parent) {
        found.push(name);
        add(name.split('@')[0] ?? '');
      }
  };
  add(String(pid));
  return found;
}
