import { expect, test } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { followLog } from '../../src/runtime/follow-log.ts';
import { createWatchers } from '../../src/runtime/watchers.ts';
import { endedEntry, started, stateEntry } from '../support/call-drafts.ts';

test('an entry stored while a page is being read is not missed', async () => {
  const inner = createMemoryLog();
  await inner.append('call-1', 1, [started()]);
  let late = [stateEntry('between'), endedEntry()];
  const log = {
    ...inner,
    async read(...args: Parameters<typeof inner.read>) {
      const page = await inner.read(...args);
      const [next, ...rest] = late;
      late = rest;
      if (page.length === 0 && next !== undefined) await inner.append('call-1', 1, [next]);
      else if (next !== undefined) late = [next, ...rest];
      return page;
    },
  };
  const heard: number[] = [];
  for await (const entry of followLog(log, 'call-1', { after: 0, signal: new AbortController().signal }))
    heard.push(entry.seq);
  expect(heard).toEqual([1, 2, 3]);
});

test('nobody is read for who has left before the first page came', async () => {
  const log = createMemoryLog();
  await log.append('call-1', 1, [started()]);
  const following = followLog(log, 'call-1', { after: 0, signal: AbortSignal.abort() });
  expect(await following.next()).toEqual({ done: true, value: undefined });
});

test('a watcher may stop, or another begin, while watchers are woken', () => {
  const watchers = createWatchers();
  const woken: string[] = [];
  const stop = watchers.add('call-1', () => {
    woken.push('first');
    stop();
    stop();
  });
  watchers.add('call-1', () => woken.push('second'));
  watchers.wake('call-1');
  watchers.wake('call-1');
  watchers.wake('call-2');
  expect(woken).toEqual(['first', 'second', 'second']);
});
