import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoProcess, startDemo } from './demo-process.ts';

/** Two seconds are promised; this machine may be busy. */
const endsWithinMs = 5_000;

let folder: string;
let demo: DemoProcess;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
  const { PATH = '', HOME = '' } = process.env;
  demo = startDemo([], { PATH, HOME, CI: '1', TMPDIR: folder });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A terminal tells the whole group. */
const ctrlC = () => process.kill(-demo.pid, 'SIGINT');

/** Ends it and sees that all it had is gone in time: processes, listening sockets, temporary files. */
async function endsClean(end: () => void, exitCode: number | null) {
  const family = [demo.pid, ...descendants(demo.pid)].map(nameOf);
  const sockets = listening().filter((socket) => heldBy(family).has(socket));
  const since = performance.now();
  end();
  expect(await demo.ended).toBe(exitCode);
  const left = () => ({
    processes: family.filter((each) => each && nameOf(pidOf(each)) === each),
    sockets: sockets.filter((socket) => listening().includes(socket)),
    files: readdirSync(folder),
  });
  const none = { processes: [], sockets: [], files: [] };
  await expect.poll(left, { timeout: endsWithinMs, interval: 10 }).toEqual(none);
  expect(performance.now() - since).toBeLessThan(endsWithinMs);
  return { processes: family.length, sockets: sockets.length };
}

describe('the demo ends at once, and nothing stays behind', () => {
  it('on Ctrl-C while the agent greets', async () => {
    await demo.prints('greeting › speaking');
    const { processes, sockets } = await endsClean(ctrlC, 130);
    expect(processes).toBeGreaterThanOrEqual(4);
    expect(sockets).toBeGreaterThanOrEqual(8);
  });

  it('on Ctrl-C while it waits for a server', async () => {
    await demo.prints('Voicechart demo');
    await endsClean(ctrlC, 130);
  });

  it('on SIGTERM to it alone while the instance and the phone start', async () => {
    await demo.prints('a livekit-server of its own');
    await expect.poll(() => descendants(demo.pid).length, { interval: 1 }).toBeGreaterThanOrEqual(3);
    await endsClean(() => process.kill(demo.pid, 'SIGTERM'), 143);
  });
});

/** A process as `pid@start`: a number that is used again is another process. */
function nameOf(pid: number): string | undefined {
  const start = statOf(pid)?.start;
  return start === undefined ? undefined : `${pid}@${start}`;
}

const pidOf = (name: string): number => Number(name.split('@')[0]);

function statOf(pid: number): { readonly parent: number; readonly start: string } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : { parent: Number(fields[1]), start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

function descendants(pid: number): number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = all.map(Number).filter((each) => statOf(each)?.parent === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Listening TCP sockets of the machine, as `socket:[inode]`. */
const listening = (): string[] =>
  ['tcp', 'tcp6'].flatMap((kind) => {
    const rows = readFileSync(`/proc/net/${kind}`, 'utf8').trim().split('\n').slice(1);
    return rows.map((row) => row.trim().split(/\s+/)).flatMap((row) => (row[3] === '0A' ? `socket:[${row[9]}]` : []));
  });

function heldBy(family: readonly (string | undefined)[]): Set<string> {
  const folders = family.flatMap((each) => (each ? `/proc/${pidOf(each)}/fd` : []));
  return new Set(folders.flatMap((fds) => readdirSync(fds).map((fd) => linkOf(join(fds, fd)))));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
