import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createInProcessQueue } from '../../../src/adapters/memory/call-queue.ts';
import { openSqlite } from '../../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Clock } from '../../../src/clock.ts';
import { eventOf, joined, recordOf, started, stateEntry } from '../../support/call-drafts.ts';
import { callLogContract } from '../../support/contracts/call-log.ts';
import { callQueueContract } from '../../support/contracts/call-queue.ts';
import { egressStoreContract } from '../../support/contracts/egress-store.ts';
import { callStoreContract } from '../../support/contracts/call-store.ts';
import { dialStoreContract } from '../../support/contracts/dial-store.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

async function openFresh(clock: Clock = systemClock) {
  const dir = await mkdtemp(join(tmpdir(), 'voicechart-sqlite-'));
  const opened = await openSqlite({ dir, clock });
  const close = async (): Promise<void> => {
    await opened.close();
    await rm(dir, { recursive: true, force: true });
  };
  return { ...opened, dir, close };
}

callStoreContract('SQLite', (clock) => openFresh(clock));
callLogContract('SQLite', () => openFresh());
egressStoreContract('SQLite', () => openFresh());
dialStoreContract('SQLite', (clock) => openFresh(clock));

const queueStores: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(queueStores.splice(0).map((opened) => opened.close()));
});
callQueueContract('in-process queue over SQLite', async (maxWaiting) => {
  const opened = await openFresh();
  queueStores.push(opened);
  return { store: opened.store, queue: createInProcessQueue({ store: opened.store, clock: systemClock, maxWaiting }) };
});

describe('SQLite', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'voicechart-sqlite-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const open = (options: { maxPending?: number; at?: string } = {}) =>
    openSqlite({ dir: options.at ?? dir, clock: systemClock, ...options });

  test('D1.7 keeps everything across a close and an opening', async () => {
    const first = await open();
    await first.store.ingest(eventOf('EV_1'));
    const { epoch } = (await first.store.claim('call-1'))!;
    await first.store.commit(recordOf(epoch, 3));
    await first.log.append('call-1', epoch, [started(), stateEntry('a')]);
    await first.close();
    const second = await open();
    expect(await second.store.load('call-1')).toEqual(recordOf(epoch, 3));
    expect(await second.store.ingest(eventOf('EV_1'))).toBe('duplicate');
    expect(await second.store.claim('call-1')).toEqual({ epoch: epoch + 1, crashes: 1 });
    expect(await second.log.append('call-1', epoch + 1, [stateEntry('b')])).toBe('appended');
    expect((await second.log.read('call-1')).map((entry) => entry.seq)).toEqual([1, 2, 3]);
    await second.close();
  });

  test('makes its folder, for this user’s eyes only', async () => {
    const at = join(dir, 'deep', 'down');
    await (await open({ at })).close();
    expect((await stat(at)).mode & 0o777).toBe(0o700);
  });

  test('a second process gets a clear word, and the first goes on', async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ name: 'StoreUnavailable', code: 'locked' });
    await expect(open()).rejects.toThrow(
      `${join(dir, 'voicechart.db')} is in use by another process (pid ${process.pid})`,
    );
    expect(await first.store.ingest(eventOf('EV_1'))).toBe('stored');
    await first.close();
    await (await open()).close();
  });

  test('S3 a record that an earlier version kept in one piece is there, and goes on in pieces', async () => {
    const first = await open();
    await first.store.ingest(eventOf('EV_1'));
    const { epoch } = (await first.store.claim('call-1'))!;
    await first.store.commit(recordOf(epoch, 1));
    await first.close();
    const db = new DatabaseSync(join(dir, 'voicechart.db'));
    db.exec('delete from pieces');
    db.prepare('update calls set record = ?').run(JSON.stringify(recordOf(epoch, 1)));
    db.close();
    const second = await open();
    expect(await second.store.load('call-1')).toEqual(recordOf(epoch, 1));
    await second.store.commit(recordOf(epoch, 2));
    expect(await second.store.load('call-1')).toEqual(recordOf(epoch, 2));
    await second.close();
  });

  test('what was kept long enough is dropped, a little at a time; a call that is open keeps all of it', async () => {
    const clock = createVirtualClock();
    const stores = await openSqlite({ dir, clock, keepMs: 1_000 });
    await stores.store.ingest(eventOf('EV_1', joined(), 'open'));
    for (let n = 0; n < 30; n += 1) await stores.log.append(`call-${n}`, 1, [started()]);
    await stores.log.append('open', 1, [started()]);
    await stores.egresses.put({
      id: 'a',
      machine: 'egress',
      version: '1',
      over: true,
      value: {},
      context: {},
      timers: [],
    });
    const hourMs = 60 * 60_000;
    for (let n = 0; n < 3; n += 1) {
      await clock.advance(n === 0 ? hourMs : 1_000);
      await stores.log.calls();
    }
    await stores.log.append('late', 1, [started()]);
    expect((await stores.log.calls()).map(({ callKey }) => callKey)).toEqual(['late', 'open']);
    expect([await stores.log.read('call-1'), await stores.egresses.list({ limit: 9 })]).toEqual([[], []]);
    await stores.close();
    expect(clock.pending()).toBe(0);
  });

  test('a file of a newer version, or no database at all, is refused with the reason and left alone', async () => {
    await (await open()).close();
    const db = new DatabaseSync(join(dir, 'voicechart.db'));
    db.exec(`insert into migrations values (99, 'later')`);
    db.close();
    await expect(open()).rejects.toThrow('was written by a newer version (its schema is 99');
    const { writeFile } = await import('node:fs/promises');
    const other = await mkdtemp(join(dir, 'other-'));
    await writeFile(
      join(other, 'voicechart.db'),
      'this is a letter to my aunt, not a database, and it is long enough to be read',
    );
    await expect(open({ at: other })).rejects.toMatchObject({ code: 'broken' });
  });

  test('refuses questions beyond its bound, and answers those it took', async () => {
    const opened = await open({ maxPending: 3 });
    const asked = await Promise.allSettled(
      ['1', '2', '3', '4', '5'].map((id) => opened.store.ingest(eventOf(`EV_${id}`))),
    );
    expect(asked.map((one) => (one.status === 'fulfilled' ? one.value : one.reason.code))).toEqual([
      'stored',
      'stored',
      'stored',
      'full',
      'full',
    ]);
    expect(await opened.store.ingest(eventOf('EV_4'))).toBe('stored');
    await opened.close();
  });

  test('closing answers what was asked before; afterwards every question is refused', async () => {
    const opened = await open();
    const asked = opened.store.ingest(eventOf('EV_1'));
    const closing = opened.close();
    await expect(opened.store.list()).rejects.toMatchObject({ code: 'closed' });
    expect(await asked).toBe('stored');
    await Promise.all([closing, opened.close()]);
    expect(opened.trouble()?.code).toBe('closed');
  });

  test('a question that fails takes nothing of its neighbours with it', async () => {
    const opened = await open();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const live = { run: () => {} };
    const answers = await Promise.allSettled([
      opened.store.ingest(eventOf('EV_1')),
      opened.log.append('call-1', 1, [started(), stateEntry(circular)]),
      opened.log.append('call-1', 1, [started(), stateEntry(live)]),
      opened.store.ingest(eventOf('EV_2')),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    expect((await opened.store.mail('call-1', 0)).length).toBe(2);
    expect(await opened.log.read('call-1')).toEqual([]);
    await opened.close();
  });

  test('D1.7 what was answered as stored is there after kill -9', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'busy-process.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const answered: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      answered.push(line);
      if (answered.length === 300) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');

    const opened = await open();
    const mail = new Set((await opened.store.mail('call-1', 0)).map((letter) => letter.event.id));
    const entries = (await opened.log.read('call-1')).length;
    const seq = (await opened.store.load('call-1'))?.seq ?? 0;
    const last = (what: string) => Number(answered.findLast((line) => line.startsWith(what))?.split(' ')[1] ?? 0);
    expect(answered.filter((line) => line.startsWith('mail ') && !mail.has(`EV_${line.split(' ')[1]}`))).toEqual([]);
    expect(seq).toBeGreaterThanOrEqual(last('commit'));
    expect(entries).toBeGreaterThanOrEqual(last('entry'));
    expect(Math.min(last('mail'), last('commit'), last('entry'))).toBeGreaterThan(10);
    await opened.close();
  });

  test('never blocks the thread that asks', async () => {
    const opened = await open();
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 0);
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) =>
        opened.log.append('call-1', 1, [stateEntry({ n, text: 'x'.repeat(500) })]),
      ),
    );
    clearInterval(turning);
    expect(turns).toBeGreaterThan(0);
    expect((await opened.log.summary('call-1'))?.seq).toBe(1_000);
    await opened.close();
  });
});
