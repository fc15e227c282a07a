import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EgressRecord, EgressStore } from '../../../src/runtime/egress-store.ts';

const recordOf = (id: string, more: Partial<EgressRecord> = {}): EgressRecord => ({
  id,
  machine: 'egress',
  version: '1',
  over: false,
  value: { life: 'asking', watch: 'blind', wish: 'goOn' },
  context: { id, text: 'Отель' },
  timers: [],
  ...more,
});

/** What every `EgressStore` must do. */
export function egressStoreContract(
  name: string,
  open: () => Promise<{ readonly egresses: EgressStore; close(): Promise<void> }>,
): void {
  describe(`${name} as EgressStore`, () => {
    let egresses: EgressStore;
    let close: () => Promise<void>;
    beforeEach(async () => ({ egresses, close } = await open()));
    afterEach(() => close());

    test('D1.7 gives back what was put, as it was put last', async () => {
      expect(await egresses.put(recordOf('a'))).toBe('stored');
      expect(await egresses.put(recordOf('a', { over: true }))).toBe('stored');
      expect(await egresses.get('a')).toEqual({ ...recordOf('a', { over: true }), position: expect.any(Number) });
      expect(await egresses.get('b')).toBeUndefined();
    });

    test('R4.1 one that is over stays so, whoever writes what it knew before', async () => {
      await egresses.put(recordOf('a', { context: { state: 'active' } }));
      await egresses.put(recordOf('a', { over: true, context: { state: 'complete' } }));
      expect(await egresses.put(recordOf('a', { context: { state: 'active' } }))).toBe('stored');
      expect(await egresses.get('a')).toMatchObject({ over: true, context: { state: 'complete' } });
      expect(await egresses.open()).toEqual([]);
    });

    test('R4.1 a call has one, whoever asks', async () => {
      const callKey = 'room~SCL_1';
      expect(await egresses.put(recordOf('a', { callKey }))).toBe('stored');
      expect(await egresses.put(recordOf('b', { callKey }))).toBe('taken');
      expect(await egresses.put(recordOf('a', { callKey, over: true }))).toBe('stored');
      expect(await egresses.put(recordOf('b', { callKey }))).toBe('taken');
      expect(await egresses.ofCall(callKey)).toMatchObject({ id: 'a', over: true });
      expect(await egresses.ofCall('room~SCL_2')).toBeUndefined();
      expect(await egresses.get('b')).toBeUndefined();
    });

    test('D1.7 lists those that are not over, oldest first', async () => {
      for (const id of ['a', 'b', 'c']) await egresses.put(recordOf(id, { over: id === 'b' })); // oxlint-disable-line no-await-in-loop
      expect((await egresses.open()).map(({ id }) => id)).toEqual(['a', 'c']);
    });

    test('D1.7 lists pages, newest first', async () => {
      for (const id of ['a', 'b', 'c']) await egresses.put(recordOf(id)); // oxlint-disable-line no-await-in-loop
      await egresses.put(recordOf('a', { over: true }));
      const first = await egresses.list({ limit: 2 });
      expect(first.map(({ id }) => id)).toEqual(['c', 'b']);
      const rest = await egresses.list({ limit: 2, before: first.at(-1)!.position });
      expect(rest.map(({ id }) => id)).toEqual(['a']);
    });
  });
}
