import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CallStore, rememberMs } from '../../../src/runtime/call-store.ts';
import type { DialLimits, DialStore, OrderedDial } from '../../../src/runtime/dial-store.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

export interface DialsUnderTest {
  readonly store: CallStore;
  readonly dials: DialStore;
  readonly close: () => Promise<void>;
}

const minute = 60_000;
const dayStartsAt = Date.UTC(2031, 4, 1);

const dialOf = (id: string, fingerprint = 'f'): OrderedDial => ({
  callKey: `out-${id}~${id}`,
  order: { room: `out-${id}`, agent: 'receptionist', to: '+4930123456', ringMs: 30_000, input: '{"guest":"Weber"}' },
  fingerprint,
});

const limits = (given: Partial<DialLimits> = {}): DialLimits => ({
  concurrent: 2,
  dailyMs: 10 * minute,
  dayStartsAt,
  ...given,
});

/** What every `DialStore` keeps to. */
export function dialStoreContract(name: string, open: (clock: VirtualClock) => Promise<DialsUnderTest>): void {
  describe(`${name} as DialStore`, () => {
    let clock: VirtualClock;
    let opened: DialsUnderTest;
    let dials: DialStore;
    beforeEach(async () => {
      clock = createVirtualClock(dayStartsAt + 12 * 60 * minute);
      opened = await open(clock);
      dials = opened.dials;
    });
    afterEach(() => opened.close());

    test('R3.4 an order opens its call, which finds it in its mailbox', async () => {
      const dial = dialOf('1');
      expect(await dials.order(dial, limits())).toBe('ordered');
      expect(await opened.store.list()).toEqual([{ callKey: dial.callKey, room: 'out-1', epoch: 0, hasRecord: false }]);
      expect((await opened.store.mail(dial.callKey, 0)).map(({ event }) => event.fact)).toEqual([
        { type: 'door.dial_asked', order: dial.order },
      ]);
    });

    test('R3.4 the same order is known, another one under its name is not the same, and neither opens a call', async () => {
      await dials.order(dialOf('1'), limits());
      expect(await dials.order(dialOf('1'), limits())).toBe('known');
      expect(await dials.order(dialOf('1', 'g'), limits())).toBe('other');
      expect(await opened.store.mail(dialOf('1').callKey, 0)).toHaveLength(1);
    });

    test('R3.4 an order is known for a day after its call has ended, and opens none', async () => {
      const { callKey } = dialOf('1');
      await dials.order(dialOf('1'), limits());
      const { epoch } = (await opened.store.claim(callKey))!;
      await dials.settle(callKey, 0);
      await opened.store.end(callKey, epoch);
      await clock.advance(rememberMs - 1);
      expect(await dials.order(dialOf('1'), limits())).toBe('known');
      expect(await opened.store.list()).toEqual([]);
    });

    test('R3.4 no more calls at once than there may be, until one has ended', async () => {
      await dials.order(dialOf('1'), limits());
      await dials.order(dialOf('2'), limits());
      expect(await dials.order(dialOf('3'), limits())).toBe('busy');
      expect(await dials.order(dialOf('2'), limits())).toBe('known');
      await dials.settle(dialOf('1').callKey, 0);
      expect(await dials.order(dialOf('3'), limits())).toBe('ordered');
    });

    test('R3.4 no call once the minutes of the day are spent; those of calls that go on count, those of another day do not', async () => {
      await dials.order(dialOf('1'), limits());
      await dials.settle(dialOf('1').callKey, 6 * minute);
      await dials.order(dialOf('2'), limits());
      await clock.advance(4 * minute - 1);
      expect(await dials.order(dialOf('3'), limits())).toBe('ordered');
      await dials.settle(dialOf('3').callKey, 0);
      await clock.advance(1);
      expect(await dials.order(dialOf('4'), limits())).toBe('spent');
      const nextDay = limits({ dayStartsAt: clock.now() });
      expect(await dials.order(dialOf('4'), nextDay)).toBe('ordered');
    });

    test('R3.4 a call that has ended takes no place and spends nothing, though nobody said how long it was', async () => {
      const { callKey } = dialOf('1');
      await dials.order(dialOf('1'), limits());
      const { epoch } = (await opened.store.claim(callKey))!;
      await clock.advance(11 * minute);
      await opened.store.end(callKey, epoch);
      expect(await dials.order(dialOf('2'), limits({ concurrent: 1 }))).toBe('ordered');
      expect(await dials.order(dialOf('1'), limits())).toBe('known');
    });

    test('R3.4 the first word on how long a call was counts', async () => {
      await dials.order(dialOf('1'), limits());
      await dials.settle(dialOf('1').callKey, 1);
      await dials.settle(dialOf('1').callKey, 11 * minute);
      await dials.settle('nobody', 11 * minute);
      expect(await dials.order(dialOf('2'), limits())).toBe('ordered');
    });
  });
}
