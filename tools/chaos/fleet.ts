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
  /** How many processes run its calls; 0: itself. */
  readonly workers: number;
}

/** A process that runs a call. */
export interface Owner {
  readonly member: Member;
  readonly pid: number;
}

/** Instances that share their calls. */
export interface Fleet {
  /** `workers`: as many processes run its calls, unless the settings say so of every instance. */
  start(workers?: number): Promise<Member>;
  /** Of each call that somebody says he runs. */
  owners(): Promise<readonly Owner[]>;
  /** Those that run and are not frozen. */
  living(): readonly Member[];
  kill(member: Member): Promise<void>;
  /** SIGTERM; resolves when it is gone. */
  terminate(member: Member): Promise<void>;
  freeze(member: Member): void;
  thaw(member: Member): void;
  close(): Promise<void>;
}

const leavesWithinMs = 60_000;

const answersWithinMs = 2_000;

/** `settings` are those of every instance; `logLine` gets each line of their logs. */
export async function openFleet(
  settings: Readonly<Record<string, string>>,
  logLine: (line: string) => void = () => undefined,
): Promise<Fleet> {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-chaos-'));
  const release = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const processes = new Map<Member, InstanceProcess>();
  const frozen = new Set<Member>();
  let started = 0;

  async function start(workers = 0): Promise<Member> {
    started += 1;
    const name = `instance ${started}`;
    const dataDir = join(folder, String(started));
    const access = await accessTo(dataDir);
    const addresses = { WEBHOOK_ADDR: '127.0.0.1:0', API_ADDR: '127.0.0.1:0', HEALTH_ADDR: '127.0.0.1:0' };
    const own = { ...addresses, DATA_DIR: dataDir, ...(workers > 0 && { WORKERS: String(workers) }) };
    const tell = (line: string) => logLine(`${name}: ${line}`);
    const process = await startInstanceProcess({ ...settings, ...own }, { logLine: tell });
    const { pid, webhooks, api, health } = process;
    const member = { name, pid, webhooks, api, health, access, workers };
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

  const living = () => [...processes.keys()].filter((member) => !frozen.has(member));

  return {
    start,
    living,
    owners: async () => (await Promise.all(living().map(ownersAt))).flat(),
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
    async close() {
      for (const member of frozen) if (processes.has(member)) process.kill(member.pid, 'SIGCONT');
      await Promise.all([...processes.keys()].map((member) => end(member, 'SIGKILL')));
      rmSync(folder, { recursive: true, force: true });
      release();
    },
  };
}

/** Nobody, where it does not answer. */
async function ownersAt(member: Member): Promise<readonly Owner[]> {
  try {
    const signal = AbortSignal.timeout(answersWithinMs);
    const answer = await fetch(`${member.api}/v1/calls?limit=200`, { headers: member.access.headers, signal });
    const { calls } = (await answer.json()) as { calls: { owner?: { pid: number } }[] };
    return calls.flatMap(({ owner }) => (owner ? [{ member, pid: owner.pid }] : []));
  } catch {
    return [];
  }
}
