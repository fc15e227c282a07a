import { describe, expect, test, vi } from 'vitest';
import type { CallQueue, Claim } from '../../../src/runtime/call-queue.ts';
import type { CallStore } from '../../../src/runtime/call-store.ts';
import { eventOf, joined } from '../call-drafts.ts';

export interface QueueUnderTest {
  readonly queue: CallQueue;
  readonly store: CallStore;
}

/** A handler whose calls end when the test says so. */
function createHandler() {
  const claims: Claim[] = [];
  const settle: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const handler = (claim: Claim) =>
    new Promise<void>((resolve, reject) => {
      claims.push(claim);
      settle.push({ resolve, reject });
    });
  return { claims, settle, handler };
}

/** A queue that runs, over a store that has these calls open. */
const startOf =
  (open: (maxWaiting: number) => Promise<QueueUnderTest>) =>
  async (options: { capacity?: number; calls?: readonly string[]; maxWaiting?: number } = {}) => {
    const { queue, store } = await open(options.maxWaiting ?? 100);
    for (const callKey of options.calls ?? ['call-1']) await store.ingest(eventOf('EV', joined(), callKey));
    const end = new AbortController();
    const { claims, settle, handler } = createHandler();
    const lost = vi.fn<(callKey: string, error: unknown) => void>();
    const ran = queue.run({ capacity: options.capacity ?? 10, signal: end.signal, lost }, handler);
    const claimed = (n: number) => expect.poll(() => claims.length).toBe(n);
    return { queue, store, end, claims, settle, lost, ran, claimed };
  };

/** What every `CallQueue` keeps to. `open` makes one that lets `maxWaiting` calls wait. */
export function callQueueContract(name: string, open: (maxWaiting: number) => Promise<QueueUnderTest>): void {
  describe(`${name} as CallQueue`, () => {
    const start = startOf(open);

    test('lets an enqueued call run, once, however often it is asked for', async () => {
      const { queue, claims, claimed, settle } = await start();
      expect(await queue.enqueue('call-1')).toBe('queued');
      expect(await queue.enqueue('call-1')).toBe('known');
      await claimed(1);
      expect(await queue.enqueue('call-1')).toBe('known');
      expect(claims[0]).toMatchObject({ callKey: 'call-1', epoch: 1, crashes: 0, attempt: 1 });
      expect(claims[0]!.confirmedAt()).toBeGreaterThan(0);
      expect(claims[0]!.signal.aborted).toBe(false);
      settle[0]!.resolve();
      await expect.poll(() => queue.size()).toEqual({ waiting: 0, running: 0 });
      expect(claims[0]!.signal.aborted).toBe(true);
      expect(claims.length).toBe(1);
    });

    test('R9.5 runs no more calls at a time than its capacity, first come first served', async () => {
      const calls = ['a', 'b', 'c', 'd'];
      const { queue, claims, claimed, settle } = await start({ capacity: 2, calls });
      for (const call of calls) await queue.enqueue(call);
      await claimed(2);
      await expect.poll(() => queue.size()).toEqual({ waiting: 2, running: 2, oldestAt: expect.any(Number) });
      settle[1]!.resolve();
      await claimed(3);
      expect(claims.map((claim) => claim.callKey)).toEqual(['a', 'b', 'c']);
    });

    test('says full at its bound and takes more once there is room', async () => {
      const calls = ['a', 'b', 'c'];
      const { queue, claimed, settle } = await start({ capacity: 1, calls, maxWaiting: 1 });
      await queue.enqueue('a');
      await claimed(1);
      expect(await queue.enqueue('b')).toBe('queued');
      expect(await queue.enqueue('c')).toBe('full');
      settle[0]!.resolve();
      await claimed(2);
      expect(await queue.enqueue('c')).toBe('queued');
    });

    test('claims with a growing epoch that fences the claim before', async () => {
      const { queue, store, claims, claimed, settle } = await start();
      expect(await store.claim('call-1')).toMatchObject({ epoch: 1 });
      await queue.enqueue('call-1');
      await claimed(1);
      settle[0]!.resolve();
      await expect.poll(() => queue.size().running).toBe(0);
      await queue.enqueue('call-1');
      await claimed(2);
      expect(claims.map((claim) => claim.epoch)).toEqual([2, 3]);
    });

    test('gives a handed-over call to its next owner', async () => {
      const { queue, claims, claimed, settle } = await start();
      await queue.enqueue('call-1');
      await claimed(1);
      claims[0]!.handOver();
      expect(claims.length).toBe(1);
      settle[0]!.resolve();
      await claimed(2);
      expect(claims[1]).toMatchObject({ callKey: 'call-1', epoch: 2, attempt: 1 });
    });

    test('tries a call again whose handler failed, three times in all, then tells that it is lost', async () => {
      const { queue, claims, claimed, settle, lost } = await start();
      await queue.enqueue('call-1');
      for (const attempt of [1, 2, 3]) {
        await claimed(attempt);
        expect(claims.at(-1)).toMatchObject({ epoch: attempt, crashes: attempt - 1, attempt });
        settle.at(-1)!.reject(new Error('broke'));
      }
      await expect.poll(() => lost.mock.calls).toEqual([['call-1', new Error('broke')]]);
      await expect.poll(() => queue.size()).toEqual({ waiting: 0, running: 0 });
      expect(await queue.enqueue('call-1')).toBe('queued');
    });

    test('does not begin a call that is not open', async () => {
      const { queue, store, claims } = await start();
      await store.end('call-1', 0);
      await queue.enqueue('call-1');
      await expect.poll(() => queue.size()).toEqual({ waiting: 0, running: 0 });
      expect(claims).toEqual([]);
    });

    test('R9.3 told to stop, it claims nothing more, and is done when its running calls are', async () => {
      const { queue, end, claims, claimed, settle, ran } = await start({ capacity: 1, calls: ['a', 'b'] });
      for (const call of ['a', 'b']) await queue.enqueue(call);
      await claimed(1);
      end.abort();
      expect(claims[0]!.signal.aborted).toBe(false);
      settle[0]!.resolve();
      await ran;
      expect(claims.length).toBe(1);
      await expect.poll(() => queue.size()).toEqual({ waiting: 1, running: 0, oldestAt: expect.any(Number) });
    });

    test('several runners share the waiting calls', async () => {
      const calls = ['a', 'b', 'c'];
      const first = await start({ capacity: 1, calls });
      const second = createHandler();
      void first.queue.run({ capacity: 1, signal: first.end.signal }, second.handler);
      for (const call of calls) await first.queue.enqueue(call);
      await expect.poll(() => [first.claims.length, second.claims.length]).toEqual([1, 1]);
      second.settle[0]!.resolve();
      await expect.poll(() => second.claims.map((claim) => claim.callKey)).toEqual(['b', 'c']);
    });
  });
}
