import { describe, expect, test } from 'vitest';
import type { Kept } from '../../src/actors/keep.ts';
import { createKeeper } from '../../src/runtime/keeper.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

/** A keeper whose writings end when and how the test says. */
function kept(spacedMs = 0) {
  const clock = createVirtualClock();
  const began: number[] = [];
  let writing = Promise.withResolvers<Kept>();
  const write = () => {
    began.push(clock.now());
    writing = Promise.withResolvers();
    return writing.promise;
  };
  const keeper = createKeeper({ write, clock, spacedMs, retryMs: [1000, 5000] });
  const ends = async (how: Kept) => {
    writing.resolve(how);
    await clock.settle();
  };
  return { clock, began, keeper, ends };
}

describe('what is written into a store', () => {
  test('is written once however often it was asked for, and what comes meanwhile once after it', async () => {
    const { clock, began, keeper, ends } = kept(100);
    expect(await keeper.done()).toBe(true);
    for (let ask = 0; ask < 5; ask += 1) keeper.ask();
    const done = keeper.kept();
    await ends('kept');
    await clock.advance(100);
    expect(began).toEqual([0, 100]);
    await ends('kept');
    expect(await done).toBe(true);
    await clock.advance(60_000);
    expect(began).toEqual([0, 100]);
  });

  test('D9.1 is written again at once, however short ago the last writing was, where somebody waits for it', async () => {
    const { clock, began, keeper, ends } = kept(100);
    keeper.ask();
    keeper.ask();
    const done = keeper.done();
    await ends('kept');
    await ends('kept');
    expect([began, await done]).toEqual([[0, 0], true]);
    keeper.ask();
    keeper.ask();
    await ends('kept');
    await clock.advance(40);
    const later = keeper.done();
    await ends('kept');
    expect([began, await later]).toEqual([[0, 0, 0, 40], true]);
    keeper.ask();
    const meanwhile = keeper.done();
    keeper.ask();
    await ends('kept');
    keeper.ask();
    await ends('kept');
    await ends('kept');
    expect([began.slice(4), await meanwhile]).toEqual([[40, 40, 40], true]);
  });

  test('R10.1 is tried again until it is written, ever more seldom, and at once when there is something new', async () => {
    const { clock, began, keeper, ends } = kept();
    keeper.ask();
    for (const ms of [1000, 5000, 5000]) {
      const done = keeper.done();
      await ends('failed'); // oxlint-disable-line no-await-in-loop
      // oxlint-disable-next-line no-await-in-loop
      expect([await done, await keeper.done()]).toEqual([false, false]);
      await clock.advance(ms); // oxlint-disable-line no-await-in-loop
    }
    expect(began).toEqual([0, 1000, 6000, 11_000]);
    await ends('failed');
    keeper.ask();
    const done = keeper.done();
    await ends('kept');
    expect([await done, began.at(-1)]).toEqual([true, 11_000]);
    keeper.ask();
    await ends('failed');
    await clock.advance(1000);
    expect(began).toHaveLength(7);
  });

  test('R10.1 who waits until it is written hears of no failure before', async () => {
    const { clock, keeper, ends } = kept();
    keeper.ask();
    const heard: string[] = [];
    void keeper.kept().then((good) => heard.push(`kept ${good}`));
    void keeper.done().then((good) => heard.push(`done ${good}`));
    await ends('failed');
    await clock.advance(1000);
    expect(heard).toEqual(['done false']);
    await ends('kept');
    expect([heard, await keeper.kept()]).toEqual([['done false', 'kept true'], true]);
    keeper.ask();
    const late = keeper.kept();
    keeper.stop();
    expect([await late, await keeper.kept()]).toEqual([false, false]);
  });

  test('R10.1 a writing that takes too long counts on nothing any more, and nothing is written beside it', async () => {
    const { clock, began, keeper, ends } = kept();
    keeper.ask();
    const done = keeper.done();
    const lasting = keeper.kept();
    await clock.advance(30_000);
    expect([await done, await keeper.done()]).toEqual([false, false]);
    keeper.ask();
    await clock.advance(60_000);
    expect(began).toEqual([0]);
    await ends('kept');
    expect(began).toEqual([0, 90_000]);
    await ends('kept');
    expect(await lasting).toBe(true);
  });

  test('R10.1 a writing that fails late is tried again', async () => {
    const { clock, began, keeper, ends } = kept();
    keeper.ask();
    await clock.advance(40_000);
    await ends('failed');
    await clock.advance(1000);
    expect(began).toEqual([0, 41_000]);
  });

  test.each(['over', 'stopped'] as const)('is written no more once it is %s', async (how) => {
    const { clock, began, keeper, ends } = kept();
    keeper.ask();
    if (how === 'over') await ends('over');
    else keeper.stop();
    keeper.ask();
    await clock.advance(60_000);
    expect([began, await keeper.done()]).toEqual([[0], false]);
  });
});
