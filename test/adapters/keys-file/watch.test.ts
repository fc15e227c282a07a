import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type KeysNews, watchKeysFile } from '../../../src/adapters/keys-file/watch.ts';
import { type Clock, systemClock } from '../../../src/clock.ts';
import type { ChangingKeyRing } from '../../../src/key-ring.ts';
import { ringOf } from '../../support/keys.ts';
import * as fc from '../../support/properties.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const [a, b, c] = ['canary-a', 'canary-b', 'canary-c'].map((name) => name.padEnd(32, '0')) as [string, string, string];
const [onlyA, both, swapped] = [`a: ${a}\n`, `a: ${a}\nb: ${b}\n`, `b: ${b}\na: ${a}\n`];

let folder: string;
let path: string;
let ring: ChangingKeyRing;
let news: KeysNews[];
let clock: VirtualClock;
let watching: { close(): void } | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-watch-'));
  path = join(folder, 'keys.yaml');
  writeFileSync(path, onlyA, { mode: 0o600 });
  ring = ringOf(['a', a]);
  news = [];
  clock = createVirtualClock();
});
afterEach(() => {
  watching?.close();
  rmSync(folder, { recursive: true });
});

const watch = (by: Clock = clock, mustBeLong = false) =>
  (watching = watchKeysFile({ path, ring, mustBeLong, clock: by, note: (one) => news.push(one) }));
const replace = (text: string) => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
const names = () => [...ring.all().keys()];

describe('R1.1 R8.3 a watched file of keys', () => {
  test('renamed into its place, it is read at once, and told by names alone', async () => {
    watch(systemClock);
    for (const [text, keys] of [
      [both, ['a', 'b']],
      [swapped, ['b', 'a']],
      [`b: ${c}\n`, ['b']],
    ] as const) {
      replace(text);
      const beganMs = performance.now();
      // oxlint-disable-next-line no-await-in-loop
      await expect.poll(names).toEqual(keys);
      expect(performance.now() - beganMs).toBeLessThan(1500);
    }
    expect(ring.signing().apiSecret.reveal()).toBe(c);
    expect(news).toEqual([
      { type: 'changed', signing: 'a', keys: ['a', 'b'] },
      { type: 'changed', signing: 'b', keys: ['b', 'a'] },
      { type: 'changed', signing: 'b', keys: ['b'] },
    ]);
    expect(JSON.stringify(news)).not.toContain('canary');
  });

  test('where the system tells nothing it is looked at every two seconds: a link that comes to lead elsewhere', async () => {
    const [first, second] = [mkdtempSync(join(folder, '1-')), mkdtempSync(join(folder, '2-'))];
    writeFileSync(join(first, 'keys.yaml'), onlyA, { mode: 0o600 });
    writeFileSync(join(second, 'keys.yaml'), both, { mode: 0o600 });
    const link = mkdtempSync(join(tmpdir(), 'voicechart-link-'));
    symlinkSync(first, join(link, 'data'));
    unlinkSync(path);
    symlinkSync(join(link, 'data', 'keys.yaml'), path);
    watch();
    symlinkSync(second, join(link, 'data.new'));
    renameSync(join(link, 'data.new'), join(link, 'data'));
    await clock.advance(2400);
    expect(names()).toEqual(['a', 'b']);
    rmSync(link, { recursive: true });
  });

  test('while it is being written in place, nothing of it is taken, wherever the writer pauses', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 0, max: swapped.length }), { maxLength: 5 }),
        fc.integer({ min: 0, max: 190 }),
        async (cuts, pauseMs) => {
          const [own, at] = [ringOf(['a', a]), createVirtualClock()];
          writeFileSync(path, onlyA);
          const taken: string[][] = [];
          const note = (one: KeysNews) => void (one.type === 'changed' && taken.push([...one.keys]));
          const one = watchKeysFile({ path, ring: own, mustBeLong: false, clock: at, note });
          await at.advance(2000);
          for (const cut of cuts.toSorted((x, y) => x - y)) {
            writeFileSync(path, swapped.slice(0, cut));
            await at.advance(pauseMs);
          }
          writeFileSync(path, swapped);
          await at.advance(4000);
          one.close();
          expect(taken).toEqual([['b', 'a']]);
          expect([...own.all()].map(([key, secret]) => [key, secret.reveal()])).toEqual([
            ['b', b],
            ['a', a],
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    ['bad', () => writeFileSync(path, 'a: b c\n'), /secret must be printable/],
    ['empty', () => writeFileSync(path, ''), /holds no key/],
    ['gone', () => unlinkSync(path), /cannot be read \(ENOENT\)/],
  ])('a file that is %s is told once, and the ring stays; mended, it is taken', async (_, spoil, said) => {
    watch();
    spoil();
    await clock.advance(60_000);
    expect(news).toEqual([{ type: 'unusable', problems: [expect.stringMatching(said)] }]);
    expect(names()).toEqual(['a']);
    replace(both);
    await clock.advance(3000);
    expect(names()).toEqual(['a', 'b']);
    spoil();
    await clock.advance(3000);
    expect(news.map(({ type }) => type)).toEqual(['unusable', 'changed', 'unusable']);
    expect(JSON.stringify(news)).not.toContain('canary');
  });

  test('where secrets must be long, a short one is a bad file', async () => {
    watch(clock, true);
    replace(`a: ${a}\nb: canary\n`);
    await clock.advance(3000);
    expect([news, names()]).toEqual([
      [{ type: 'unusable', problems: ['the secret of b has fewer than 32 bytes'] }],
      ['a'],
    ]);
  });

  test('that others may read it is told once, until it is mended', async () => {
    chmodSync(path, 0o644);
    watch();
    await clock.advance(10_000);
    chmodSync(path, 0o600);
    await clock.advance(3000);
    chmodSync(path, 0o640);
    await clock.advance(3000);
    expect(news).toEqual([{ type: 'open_to_others' }, { type: 'open_to_others' }]);
  });

  test('closed, it looks no more', async () => {
    watch().close();
    appendFileSync(path, `b: ${b}\n`);
    await clock.advance(10_000);
    expect([names(), clock.pending()]).toEqual([['a'], 0]);
  });
});
