import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from '../lib/owned.ts';
import { accessTo, type InstanceAccess } from '../stack/access.ts';
import { type InstanceProcess, startInstanceProcess } from '../stack/instance-process.ts';

/** An instance that may be killed, frozen or rolled. */
export interface Member extends Pick<InstanceProcess, 'pid' | 'webhooks' | 'api' | 'health'> {
  readonly name: string;
  readonly access: InstanceAccess;
}

/** Instances that share their calls. */
export interface Fleet {
  start(): Promise<Member>;
  /** Those that run and are not frozen. */
  living(): readonly Member[];
  kill(member: Member): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  terminate(member: Member): Promise<void>;
  freeze(member: Member): void;
  thaw(member: Member): void;
  /** Lines of the instances' logs with this code, from the first instance on. */
  logged(code: string): number;
  close(): Promise<void>;
}

const leavesWithinMs = 60_000;

/** `settings` are those of every instance. */
export async function openFleet(settings: Readonly<Record<string, string>>): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-chaos-'));
  const release = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const processes = new Map<Member, InstanceProcess>();
  const frozen = new Set<Member>();
  const codes = new Map<string, number>();
  let started = 0;

  const logLine = (line: string) => {
    const code = /"code":"([\w.]+)"/.exec(line)?.[1];
    if (code) codes.set(code, (codes.get(code) ?? 0) + 1);
  };

  async function start(): Promise<Member> {
    started += 1;
    const name = `instance ${started}`;
    const dataDir = join(folder, String(started));
    const access = await accessTo(dataDir);
    const own = { WEBHOOK_ADDR: '127.0.0.1:0', API_ADDR: '127.0.0.1:0', HEALTH_ADDR: '127.0.0.1:0' };
    const process = await startInstanceProcess({ ...settings, ...own, DATA_DIR: dataDir }, { logLine });
    const { pid, webhooks, api, health } = process;
    const member = { name, pid, webhooks, api, health, access };
    processes.set(member, process);
    void process.exited.then(() => processes.delete(member));
    return member;
  }

  async function end(member: Member, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const running = processes.get(member);
    if (!running) return;
    if (signal === 'SIGTERM') return running.stop(leavesWithinMs);
    process.kill(member.pid, signal);
    await running.exited;
  }

  return {
    start,
    living: () => [...processes.keys()].filter((member) => !frozen.has(member)),
    kill: (member) => end(member, 'SIGKILL'),
    terminate: (member) => end(member, 'SIGTERM'),
    freeze(member) {
      frozen.add(member);
      process.kill(member.pid, 'SIGSTOP');
    },
    thaw(member) {
      if (processes.has(member)) process.kill(member.pid, 'SIGCONT');
      frozen.delete(member);
    },
    logged: (code) => codes.get(code) ?? 0,
    async close() {
      for (const member of frozen) if (processes.has(member)) process.kill(member.pid, 'SIGCONT');
      await Promise.all([...processes.keys()].map((member) => end(member, 'SIGKILL')));
      rmSync(folder, { recursive: true, force: true });
      release();
    },
  };
}
