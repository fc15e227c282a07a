import { describe, expect, test } from 'vitest';
import { runWorker } from '../../../src/actors/run-worker.ts';
import { createWorker } from '../../../src/machines/worker/worker.machine.ts';
import { calmPosture } from '../../../src/posture.ts';
import type { Claim } from '../../../src/runtime/call-queue.ts';
import type { FromWorker, ToWorker } from '../../../src/runtime/workers/messages.ts';
import { createPool } from '../../../src/runtime/workers/pool.ts';
import type { ChildEars, WorkerChild } from '../../../src/runtime/workers/seat.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

interface FakeChild extends WorkerChild {
  readonly told: ToWorker[];
  isKilled(): boolean;
  say(message: FromWorker): void;
  settle(callKey: string, how?: { readonly error?: string; readonly handedOver?: boolean }): void;
  /** Ends by itself. */
  die(how?: string): void;
  hang(): void;
  weigh(rssBytes: number): void;
  runs(): readonly string[];
}

/** Children that are ready at once and whose event loops turn until they are told to hang. */
function world(workers = 2, { ready = true } = {}) {
  const clock = createVirtualClock(1_000_000);
  const children: FakeChild[] = [];
  const gone: { readonly how: string; readonly calls: readonly string[] }[] = [];
  const left: string[] = [];
  const start = (ears: ChildEars): WorkerChild => {
    const child = fakeChild(children.length + 1, ears);
    children.push(child);
    if (ready) clock.setTimeout(() => child.say({ type: 'ready' }), 200);
    return child;
  };
  function fakeChild(pid: number, ears: ChildEars): FakeChild {
    const told: ToWorker[] = [];
    let isKilled = false;
    let isHung = false;
    let rssBytes = 90_000_000;
    const running = new Map<string, number>();
    const beat = () => {
      if (isKilled || isHung) return;
      ears.message({ type: 'pulse', rssBytes, cpuMs: 1 });
      clock.setTimeout(beat, 100);
    };
    return {
      pid,
      told,
      send(message) {
        told.push(message);
        if (message.type === 'run') running.set(message.claim.callKey, message.claim.epoch);
        if (message.type === 'leave') ears.gone('code 0');
      },
      kill: () => void (isKilled = true),
      isKilled: () => isKilled,
      say(message) {
        ears.message(message);
        if (message.type === 'ready') beat();
      },
      settle(callKey, { error, handedOver = false } = {}) {
        const epoch = running.get(callKey)!;
        running.delete(callKey);
        ears.message({ type: 'settled', callKey, epoch, handedOver, ...(error && { error }) });
      },
      die(how = 'signal SIGKILL') {
        isHung = true;
        ears.gone(how);
      },
      hang: () => void (isHung = true),
      weigh: (bytes) => void (rssBytes = bytes),
      runs: () => [...running.keys()],
    };
  }
  const pool = createPool({
    workers,
    start,
    machineOf: (worker) => createWorker({ runWorker: runWorker(worker, clock) }),
    clock,
    posture: () => calmPosture,
    keys: () => [{ vendor: 'openai', place: 1 }],
    heard: () => undefined,
    gone: (news) => gone.push(news),
    left: (callKey) => void left.push(callKey),
  });
  const claim = (callKey: string, given: Partial<Claim> = {}) => ({
    callKey,
    epoch: 1,
    crashes: 0,
    attempt: 1,
    confirmedAt: clock.now,
    signal: new AbortController().signal,
    handOver: () => undefined,
    ...given,
  });
  /** Runs a call, and says what came of it. */
  const run = (callKey: string, given: Partial<Claim> = {}) => {
    const outcome: { what?: string } = {};
    void pool.run(claim(callKey, given)).then(
      () => void (outcome.what = 'done'),
      (error: Error) => void (outcome.what = error.message),
    );
    return outcome;
  };
  const ownerOf = (callKey: string) => children.findLast((child) => child.runs().includes(callKey))!;
  return { clock, pool, children, gone, left, run, ownerOf };
}

async function started(workers?: number) {
  const each = world(workers);
  await each.clock.advance(300);
  return each;
}

describe('worker processes', () => {
  test('R4.1 that no process runs a call any more is told once, however it came', async () => {
    const { clock, children, left, run, ownerOf } = await started(2);
    for (const callKey of ['r1~a', 'r2~b', 'r3~c']) run(callKey);
    await clock.settle();
    ownerOf('r1~a').settle('r1~a');
    ownerOf('r2~b').settle('r2~b', { handedOver: true });
    await clock.settle();
    expect(left).toEqual(['r1~a', 'r2~b']);
    ownerOf('r3~c').die();
    await clock.settle();
    expect([left, children.length]).toEqual([['r1~a', 'r2~b', 'r3~c'], 3]);
  });

  test('R4.1 a call that is here again by a later claim has not left when the process of the earlier one is through', async () => {
    const { clock, left, run, ownerOf } = await started(2);
    run('r~a');
    await clock.settle();
    const first = ownerOf('r~a');
    run('r~a', { epoch: 2 });
    await clock.settle();
    expect(ownerOf('r~a')).not.toBe(first);
    first.settle('r~a');
    await clock.settle();
    expect(left).toEqual([]);
    ownerOf('r~a').settle('r~a');
    await clock.settle();
    expect(left).toEqual(['r~a']);
  });

  test('D8.3 each is told which key of a vendor is in use, when it begins and when another one is', async () => {
    const { pool, children } = await started(2);
    pool.setKey({ vendor: 'groq', place: 2 });
    const keys = children.map(({ told }) => told.filter(({ type }) => type === 'vendor_key'));
    const both = ['openai', 'groq'].map((vendor, index) => ({ type: 'vendor_key', vendor, place: index + 1 }));
    expect(keys).toEqual([both, both, both]);
  });

  test('D9.1 one more than asked for is started and kept free; calls go to the others, the one with the fewest first', async () => {
    const { clock, children, run } = await started(2);
    expect(children).toHaveLength(3);
    for (const call of ['r~a', 'r2~b', 'r3~c', 'r4~d']) run(call);
    await clock.settle();
    expect(children.map((child) => child.runs().length).toSorted()).toEqual([0, 2, 2]);
  });

  test('S3 the calls of a process that dies are tried again at once, those of others go on, and a second later another takes its place', async () => {
    const { clock, children, run, ownerOf, gone } = await started(2);
    const [one, other] = [run('r~a'), run('r2~b')];
    await clock.settle();
    const dead = ownerOf('r~a');
    dead.die();
    await clock.settle();
    expect(one.what).toBe('the process that ran it is gone: signal SIGKILL');
    expect(other.what).toBeUndefined();
    expect(gone).toMatchObject([{ how: 'signal SIGKILL', calls: ['r~a'] }]);
    const again = run('r~a', { epoch: 2, attempt: 2, crashes: 1 });
    await clock.advance(1);
    expect(ownerOf('r~a')).not.toBe(dead);
    // Who goes on with its calls has the processor to himself.
    await clock.advance(900);
    expect(children).toHaveLength(3);
    await clock.advance(100);
    expect(children).toHaveLength(4);
    ownerOf('r~a').settle('r~a');
    await clock.settle();
    expect(again.what).toBe('done');
  });

  test('D9.1 a process whose event loop hangs gets no more calls after 500 ms and is killed a second later', async () => {
    const { clock, run, ownerOf } = await started(1);
    const call = run('r~a');
    await clock.settle();
    const hung = ownerOf('r~a');
    hung.hang();
    await clock.advance(700);
    run('r2~b');
    await clock.settle();
    expect(hung.isKilled()).toBe(false);
    expect(hung.runs()).toEqual(['r~a']);
    await clock.advance(1000);
    expect(hung.isKilled()).toBe(true);
    expect(call.what).toBe('the process that ran it is gone: hung');
  });

  test('D9.1 a process that has served 200 calls, or has grown too large, takes no more; its call goes on to its end before it leaves', async () => {
    const { clock, children, run, ownerOf } = await started(1);
    const call = run('r~a');
    await clock.settle();
    const worn = ownerOf('r~a');
    worn.weigh(800_000_000);
    await clock.advance(5000);
    expect(worn.isKilled()).toBe(false);
    run('r2~b');
    await clock.settle();
    expect(ownerOf('r2~b')).not.toBe(worn);
    worn.settle('r~a');
    await clock.settle();
    expect(call.what).toBe('done');
    expect(worn.told.at(-1)).toEqual({ type: 'leave' });
    await clock.advance(500);
    expect(children).toHaveLength(3);
  });

  test('D9.1 a call of a worn process that still lasts after a minute is asked to go on elsewhere', async () => {
    const { clock, run, ownerOf } = await started(1);
    let isHandedOver = false;
    run('r~a', { handOver: () => void (isHandedOver = true) });
    await clock.settle();
    const worn = ownerOf('r~a');
    worn.weigh(800_000_000);
    await clock.advance(60_000);
    expect(worn.told.some(({ type }) => type === 'hand_over')).toBe(false);
    await clock.advance(1000);
    expect(worn.told.some(({ type }) => type === 'hand_over')).toBe(true);
    worn.settle('r~a', { handedOver: true });
    await clock.settle();
    expect(isHandedOver).toBe(true);
    expect(worn.told.at(-1)).toEqual({ type: 'leave' });
  });

  test('S3 when the instance hands over, it is done as soon as no process has a call', async () => {
    const { clock, pool, run, ownerOf } = await started(1);
    run('r~a');
    await clock.settle();
    let isOver = false;
    const over = pool.handOver().then(() => (isOver = true));
    await clock.advance(1000);
    expect([ownerOf('r~a').told.some(({ type }) => type === 'hand_over'), isOver]).toEqual([true, false]);
    ownerOf('r~a').settle('r~a', { handedOver: true });
    await clock.settle();
    await over;
  });

  test('S3 a call that took two processes with it is alone, and nobody else comes to it', async () => {
    const { clock, run, ownerOf } = await started(2);
    run('r~a');
    run('r2~bad', { crashes: 2, epoch: 3 });
    run('r3~c');
    run('r4~d');
    await clock.settle();
    expect(ownerOf('r2~bad').runs()).toEqual(['r2~bad']);
  });

  test('a call whose process dies at its third try in a row is left to whoever claims it next', async () => {
    const { clock, run, ownerOf } = await started(1);
    let isHandedOver = false;
    const call = run('r~a', { attempt: 3, crashes: 2, handOver: () => void (isHandedOver = true) });
    await clock.settle();
    ownerOf('r~a').die();
    await clock.settle();
    expect([call.what, isHandedOver]).toEqual(['done', true]);
  });

  test('D9.1 a process that dies again and again is started ever less often, and one that lived for 10 s is forgiven', async () => {
    const { clock, children } = world(1, { ready: false });
    const startsWithin = async (ms: number) => {
      const before = children.length;
      for (let passed = 0; passed < ms; passed += 100) {
        // oxlint-disable-next-line no-await-in-loop -- one moment after another
        await clock.advance(100);
        children.at(-1)!.die('code 1');
      }
      return children.length - before;
    };
    const early = await startsWithin(5000);
    const late = await startsWithin(60_000);
    expect(early).toBeLessThan(12);
    expect(late).toBeLessThan(12);
  });

  test('a call waits for a process that has room, as long as its claim stands', async () => {
    const { clock, run, children } = world(1);
    const lost = new AbortController();
    const [patient, given] = [run('r~a'), run('r2~b', { signal: lost.signal })];
    lost.abort();
    await clock.settle();
    expect(given.what).toBe('the process that ran it is gone: none is to take calls');
    await clock.advance(400);
    expect(children.flatMap((child) => child.runs())).toEqual(['r~a']);
    expect(patient.what).toBeUndefined();
  });

  test('S3 when the instance closes, a call that no process has waits for its next owner, and is not tried here again', async () => {
    const { clock, pool, run } = world(1);
    const handedOver: string[] = [];
    const given = run('r~a', { handOver: () => void handedOver.push('r~a') });
    void pool.close();
    await clock.settle();
    expect([given.what, handedOver]).toEqual(['done', ['r~a']]);
  });

  test('S3 a call whose claim was lost before it came here is given to no process', async () => {
    const { clock, run, children } = await started();
    const given = run('r~a', { signal: AbortSignal.abort() });
    await clock.settle();
    expect(given.what).toBe('the process that ran it is gone: none is to take calls');
    expect(children.flatMap((child) => child.runs())).toEqual([]);
  });

  test('a process is told how sure its claims are with every pulse, and when one is lost', async () => {
    const { clock, run, ownerOf } = await started(1);
    const lost = new AbortController();
    run('r~a', { signal: lost.signal, confirmedAt: () => 77 });
    await clock.advance(150);
    const { told } = ownerOf('r~a');
    expect(told.at(-1)).toEqual({ type: 'confirmed', claims: [{ callKey: 'r~a', epoch: 1, at: 77 }] });
    lost.abort();
    expect(told.at(-1)).toEqual({ type: 'lost', callKey: 'r~a', epoch: 1 });
  });

  test('a command that no process answers has no outcome after a second, or as soon as the process is gone', async () => {
    const { clock, pool, run, ownerOf } = await started(1);
    run('r~a');
    await clock.settle();
    const answered = pool.command('r~a', { type: 'hang_up' });
    const ask = ownerOf('r~a').told.at(-1) as Extract<ToWorker, { type: 'ask' }>;
    ownerOf('r~a').say({ type: 'answer', id: ask.id, outcome: 'taken' });
    expect(await answered).toBe('taken');
    const silent = pool.command('r~a', { type: 'hang_up' });
    await clock.advance(1000);
    expect(await silent).toBeUndefined();
    const cut = pool.valueOf('r~a');
    ownerOf('r~a').die();
    expect(await cut).toBeUndefined();
    expect(await pool.command('r9~z', { type: 'hang_up' })).toBeUndefined();
  });

  test('closing asks every process to leave, and kills one that does not within 5 s', async () => {
    const { clock, pool, children } = await started(1);
    children[0]!.send = () => undefined;
    const closed = pool.close();
    await clock.advance(5000);
    await closed;
    expect(children.map((child) => child.isKilled())).toEqual([true, true]);
    expect(children[1]!.told.at(-1)).toEqual({ type: 'leave' });
  });
});
