import { expect, it } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import type { CallOwner } from '../../src/runtime/calls.ts';
import { createLiveCalls } from '../../src/runtime/live-calls.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

it('the list says which process runs a call, as the call itself does, and nothing of one that nobody runs here', async () => {
  const log = createMemoryLog();
  for (const callKey of ['here', 'over'])
    await log.append(callKey, 2, [{ at: 5, kind: 'call', data: { what: 'started', room: 'r' } }]); // oxlint-disable-line no-await-in-loop
  const owner: CallOwner = { pid: 77, epoch: 2 };
  const remote = {
    ownerOf: (callKey: string) => (callKey === 'here' ? owner : undefined),
    valueOf: async () => undefined,
    command: async () => undefined,
  };
  const calls = createLiveCalls({ log, clock: createVirtualClock(), pid: 1, remote });
  const listed = await calls.list({ limit: 5 });
  expect(listed.map(({ callKey, owner: by }) => [callKey, by])).toEqual([
    ['over', undefined],
    ['here', owner],
  ]);
  expect((await calls.get('here'))?.owner).toEqual(owner);
});
