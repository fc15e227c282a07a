import { expect, test } from 'vitest';
import { runWorker } from '../../../src/actors/run-worker.ts';
import { createWorker } from '../../../src/machines/worker/worker.machine.ts';
import type { Claim } from '../../../src/runtime/call-queue.ts';
import { type ChildEars, createSeat, WorkerGone } from '../../../src/runtime/workers/seat.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

test('R10.1 a process that hangs while it is to leave is killed, and none takes its place', async () => {
  const clock = createVirtualClock();
  const did: string[] = [];
  let ears!: ChildEars;
  const seat = createSeat({
    machineOf: (worker) => createWorker({ runWorker: runWorker(worker, clock) }),
    start(given) {
      ears = given;
      did.push('started');
      return {
        pid: 1,
        send: ({ type }) => void (type === 'leave' && did.push('left')),
        kill: () => void did.push('killed'),
      };
    },
    clock,
    heard: () => undefined,
    gone: ({ how }) => void did.push(how),
    changed: () => undefined,
  });
  ears.message({ type: 'ready' });
  ears.message({ type: 'pulse', rssBytes: 1, cpuMs: 1 });
  const closed = seat.close();
  await clock.advance(2000);
  await closed;
  await clock.advance(60_000);
  expect(did).toEqual(['started', 'left', 'killed', 'hung']);
});

test('R10.1 a place whose machine breaks loses its process and its calls, and nothing else', async () => {
  const clock = createVirtualClock();
  const killed: number[] = [];
  const lost: string[] = [];
  let ears!: ChildEars;
  const seat = createSeat({
    machineOf: (worker) =>
      createWorker({ runWorker: runWorker(worker, clock) }).provide({
        actions: {
          noteGone() {
            throw new Error('broken');
          },
        },
      }),
    start(given) {
      ears = given;
      return { pid: 1, send: () => undefined, kill: () => void killed.push(1) };
    },
    clock,
    heard: () => undefined,
    gone: ({ how, calls }) => void lost.push(how, ...calls),
    changed: () => undefined,
  });
  ears.message({ type: 'ready' });
  ears.message({ type: 'pulse', rssBytes: 1, cpuMs: 1 });
  expect(seat.load()).toMatchObject({ isOpen: true });
  const claim: Partial<Claim> = {
    callKey: 'room~1',
    epoch: 1,
    confirmedAt: () => 0,
    signal: new AbortController().signal,
  };
  const run = seat.run(claim as Claim, { alone: false });
  ears.gone('signal SIGKILL');
  await expect(run).rejects.toThrow(WorkerGone);
  expect([lost, killed]).toEqual([['broken', 'room~1'], [1]]);
  expect(seat.load()).toEqual({ calls: 0, isOpen: false, isAlone: false });
  await seat.close();
});
