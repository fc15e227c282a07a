import { expect, test } from 'vitest';
import { runTaken } from '../../../src/adapters/redis/taken-call.ts';
import { StoreUnavailable } from '../../../src/runtime/call-store.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

test('D9.4 R9.3 a call that is put back is renewed no more by then: a renewal would take it out of the queue again', async () => {
  const done: string[] = [];
  const noting = (what: string) => async () => void done.push(what);
  await runTaken(
    {
      store: { claim: async () => ({ epoch: 1, crashes: 0 }), release: async () => 'released' },
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

const away = () => new StoreUnavailable('away', 'Redis does not answer');

test('R10.1 a store that does not answer who runs a call is no try of it: it is let go of once it answers, and waits', async () => {
  const clock = createVirtualClock(0);
  const done: string[] = [];
  let answers = 0;
  const taken = runTaken(
    {
      store: {
        claim: async () => ({ epoch: 1, crashes: 0 }),
        async release() {
          answers += 1;
          if (answers < 5) throw away();
          done.push('released');
          return 'released';
        },
      },
      leases: { keep: () => ({ confirmedAt: () => 0, end: () => undefined }) },
      clock,
    },
    {
      call: {
        id: '1',
        callKey: 'call-1',
        token: 't',
        done: async () => void done.push('done'),
        putBack: async () => void done.push('put back'),
      },
      takenAt: 0,
    },
    { capacity: 1, signal: new AbortController().signal, lost: () => done.push('lost') },
    () => Promise.reject(away()),
  );
  await clock.advance(5000);
  expect(await taken).toBe('waits');
  expect(done).toEqual(['released', 'put back']);
});
