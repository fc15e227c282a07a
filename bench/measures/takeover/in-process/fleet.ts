import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock as clock } from '../../../../src/clock.ts';
import { callKeyOf } from '../../../../src/runtime/call-key.ts';
import { type LogEntry, readLimit } from '../../../../src/runtime/call-log.ts';
import { openRedisQueue } from '../../../../src/adapters/redis/call-queue.ts';
import { openRedisStores } from '../../../../src/adapters/redis/stores.ts';
import { Secret } from '../../../../src/secret.ts';
import { atEnd, endNow } from '../../../../tools/lib/owned.ts';
import { startRedis } from '../../../../tools/services/redis.ts';
import { type BenchRoom, createHall } from './hall.ts';
import type { FromOwner, ToOwner, Wrote } from './messages.ts';

const script = fileURLToPath(new URL('./owner-process.ts', import.meta.url));

/** A process that runs calls. */
export interface Owner {
  readonly pid: number;
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  readonly exited: Promise<unknown>;
}

export type OwnersWrite = Wrote & { readonly owner: Owner };

export interface Owned {
  readonly owner: Owner;
  readonly epoch: number;
  /** When it was told of, ms since 1970. */
  readonly at: number;
}

/** Processes that run calls on one Redis, and the rooms they come into. */
export interface Fleet {
  readonly rooms: readonly BenchRoom[];
  readonly owners: readonly Owner[];
  start(): Promise<Owner>;
  /** A caller comes. */
  ring(room: BenchRoom): Promise<void>;
  /** Whose the call is now. */
  owned(room: BenchRoom): Owned | undefined;
  /** All that owners told of their writes since the last time this was asked. */
  writes(): readonly OwnersWrite[];
  /** What the store has of a call. */
  context(room: BenchRoom): Promise<unknown>;
  /** Why it ended, and what was said last before that; of one that has not, what was. */
  lastOf(room: BenchRoom): Promise<string>;
  readonly troubles: readonly string[];
  close(): Promise<void>;
}

const startsWithinMs = 60_000;
const keepMs = 3_600_000;

export async function openFleet(calls: number, capacity: number): Promise<Fleet> {
  const redis = await startRedis();
  const url = new Secret(redis.url);
  const stores = await openRedisStores({ url, clock, keepMs });
  const queue = await openRedisQueue({ url, store: stores.store, clock });
  const dataDir = mkdtempSync(join(tmpdir(), 'voicechart-bench-'));
  const release = atEnd(() => rmSync(dataDir, { recursive: true, force: true }));
  const hall = createHall(calls, clock);
  const owned = new Map<string, Owned>();
  const owners: Owner[] = [];
  const troubles: string[] = [];
  let writes: OwnersWrite[] = [];

  function take(owner: Owner, message: FromOwner): void {
    if (message.type === 'owned') owned.set(message.room, { owner, epoch: message.epoch, at: clock.now() });
    if (message.type === 'wrote') writes.push({ ...message, owner });
    if (message.type === 'trouble') troubles.push(message.text);
  }
  async function start(): Promise<Owner> {
    const child = fork(script, [redis.url, String(capacity)], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], DATA_DIR: dataDir },
      serialization: 'advanced',
    });
    const owner = ownerOf(child);
    const hear = hall.owner((message: ToOwner) => void (child.connected && child.send(message, () => undefined)));
    child.on('message', (message: FromOwner) => {
      take(owner, message);
      hear(message);
    });
    await isReady(child);
    owners.push(owner);
    void owner.exited.then(() => owners.splice(owners.indexOf(owner), 1));
    return owner;
  }
  return {
    rooms: hall.rooms,
    owners,
    start,
    async ring({ name, callerKey }) {
      const callKey = callKeyOf(name, callerKey);
      const caller = { identity: callerKey, sid: 'PA_1', kind: 'standard', callerKey } as const;
      const fact = { type: 'door.caller_joined', room: name, caller } as const;
      const event = { id: `joined:${callerKey}`, callKey, at: clock.now(), fact };
      await insisting(() => stores.store.ingest(event));
      await insisting(() => queue.enqueue(callKey));
    },
    owned: ({ name }) => owned.get(name),
    writes() {
      const told = writes;
      writes = [];
      return told;
    },
    context: async ({ name, callerKey }) => (await stores.store.load(callKeyOf(name, callerKey)))?.context,
    async lastOf({ name, callerKey }) {
      const callKey = callKeyOf(name, callerKey);
      const { seq = 0 } = (await stores.log.summary(callKey)) ?? {};
      return lastOf(await stores.log.read(callKey, { after: Math.max(0, seq - readLimit) }));
    },
    troubles,
    async close() {
      hall.close();
      for (const owner of owners) owner.signal('SIGKILL');
      await Promise.all(owners.map(({ exited }) => exited));
      await queue.close();
      await stores.close();
      await redis.stop();
      rmSync(dataDir, { recursive: true, force: true });
      release();
    },
  };
}

function lastOf(entries: readonly LogEntry[]): string {
  const end = entries.find(({ kind, data }) => kind === 'call' && data['what'] === 'ended');
  const owners = entries.filter(({ kind, data }) => kind === 'call' && data['what'] === 'restored').length;
  const lines = entries.flatMap(({ kind, pii, data }) =>
    kind === 'line' ? [`${data['who']}: ${pii?.['text'] ?? ''}`] : [],
  );
  return `${end ? end.data['why'] : 'not ended'}; restored ${owners} time(s); ${lines.slice(-3).join(' · ')}`;
}

/** As LiveKit does, which sends a webhook again that could not be stored. */
async function insisting(ask: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- until it is stored
      return void (await ask());
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}

function ownerOf(child: ChildProcess): Owner {
  const release = atEnd(() => endNow(child.pid));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  void exited.then(release);
  return { pid: child.pid ?? 0, signal: (name) => void child.kill(name), exited };
}

const isReady = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('a process that runs calls did not start')), startsWithinMs);
    child.once('exit', (code) => reject(new Error(`a process that runs calls ended with ${code}`)));
    child.once('message', () => {
      clearTimeout(late);
      resolve();
    });
  });
