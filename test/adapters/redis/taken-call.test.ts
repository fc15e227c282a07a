import { expect, test } from 'vitest';
import { runTaken } from '../../../src/adapters/redis/taken-call.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

test('D9.4 R9.3 a call that is put back is renewed no more by then: a renewal would take it out of the queue again', async () => {
  const done: string[] = [];
  const noting = (what: string) => async () => void done.push(what);
  await runTaken(
    {
      store: { claim: async () => ({ epoch: 1, crashes: 0 }) },
      leases: { keep: () => ({ confirmedAt: () => 0, end: () => void done.push('renewed no more') }) },
      clock: createVirtualClock(0),
    },
    {
      call: { id: '1', callKey: 'call-1', token: 't', done: noting('done'), putBack: noting('put back') },
      takenAt: 0,
    },
    { capacity: 1, signal: new AbortController().signal },
    async (claim) => claim.handOver(),
  );
  expect(done).toEqual(['renewed no more', 'put back']);
});
