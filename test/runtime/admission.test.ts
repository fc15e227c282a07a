import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import type { Caller } from '../../src/actors/room.ts';
import { type CallLimits, createAdmission, mayJoin, tooMany } from '../../src/runtime/admission.ts';
import { recordOf } from '../support/call-drafts.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const callerOf = (name: string, given: Partial<Caller> = {}): Caller => ({
  identity: `sip_${name}`,
  sid: `PA_${name}`,
  kind: 'sip',
  callerKey: name,
  ...given,
});

async function world(limits: CallLimits = { calls: 2 }) {
  const clock = createVirtualClock(1_000_000);
  const store = createMemoryStore({ clock });
  const removed: string[] = [];
  const refused: string[] = [];
  const ran: string[] = [];
  const failed: string[] = [];
  const ends = new Map<string, () => void>();
  const state = { cpu: 0 };
  const admission = createAdmission(
    {
      store,
      participants: { remove: async ({ room, identity }) => void removed.push(`${room} ${identity}`) },
      limits,
      cpu: () => state.cpu,
      clock,
      notPutOut: () => undefined,
      refused: (callKey, why) => refused.push(`${callKey}: ${why}`),
    },
    ({ callKey }) => {
      ran.push(callKey);
      return new Promise((resolve) => ends.set(callKey, resolve));
    },
  );
  /** Somebody calls, and the call is claimed for the first time, or the second; the owner before may have begun it. */
  async function call(
    name: string,
    given: Partial<Caller> & { readonly room?: string; readonly claims?: number; readonly begun?: true } = {},
  ) {
    const { room = `r${name}`, claims = 1, begun, ...caller } = given;
    const callKey = `${room}~${name}`;
    const fact = { type: 'door.caller_joined', room, caller: callerOf(name, caller) } as const;
    await store.ingest({ id: name, callKey, at: clock.now(), fact });
    let epoch = 0;
    for (let count = 0; count < claims; count += 1) {
      epoch = (await store.claim(callKey))!.epoch; // oxlint-disable-line no-await-in-loop
      // oxlint-disable-next-line no-await-in-loop
      if (begun) await store.commit(recordOf(epoch, 1, { callKey, context: { caller: callerOf(name, caller) } }));
    }
    const lost = new AbortController();
    const { signal } = lost;
    const claim = { callKey, epoch, crashes: 0, attempt: 1, confirmedAt: clock.now, signal, handOver() {} };
    void admission.run(claim).catch((error: unknown) => failed.push(String(error)));
    await clock.settle();
    return lost;
  }
  const isOpen = async (name: string) => (await store.openIn(`r${name}`)).length > 0;
  return { clock, call, store, failed, admission, removed, refused, ran, ends, state, isOpen };
}

describe('admission', () => {
  test('D9.1 a caller for whom there is no place for two seconds hears busy, and the call is over', async () => {
    const { clock, call, removed, refused, ran, isOpen } = await world();
    for (const name of ['a', 'b', 'c']) await call(name);
    await clock.advance(1900);
    expect([ran, removed]).toEqual([['ra~a', 'rb~b'], []]);
    await clock.advance(200);
    expect(refused).toEqual(['rc~c: 2 of 2 calls go on']);
    expect([removed, await isOpen('c'), await isOpen('a')]).toEqual([['rc sip_c'], false, true]);
  });

  test('D9.1 who is refused hears busy, though the end of the call could not be written', async () => {
    const { clock, call, store, removed, failed } = await world({ calls: 0 });
    store.end = async () => Promise.reject(new Error('disk full'));
    await call('a');
    await clock.advance(2100);
    expect([removed, failed]).toEqual([['ra sip_a'], ['Error: disk full']]);
  });

  test('who waits gets the place of a call that ends meanwhile', async () => {
    const { clock, call, ran, ends, refused } = await world({ calls: 1 });
    await call('a');
    await call('b');
    await clock.advance(500);
    ends.get('ra~a')!();
    await clock.advance(100);
    expect([ran, refused]).toEqual([['ra~a', 'rb~b'], []]);
  });

  test('R9.5 who comes into a room in which a call goes on hears busy; who redials as it ends is served', async () => {
    const { clock, call, store, ran, removed, refused } = await world({ calls: 9 });
    const room = 'line';
    await call('a', { room });
    await call('b', { room });
    await clock.advance(2100);
    expect([ran, removed]).toEqual([['line~a'], ['line sip_b']]);
    expect(refused).toEqual(['line~b: another call goes on in its room']);
    await call('c', { room });
    await clock.advance(500);
    await store.end('line~a', 1);
    await clock.advance(100);
    expect([ran, removed.length]).toEqual([['line~a', 'line~c'], 1]);
  });

  test('who is another owner’s while the store is asked about his room takes no place', async () => {
    const { clock, call, store, ran, refused } = await world({ calls: 1 });
    const { openIn } = store;
    const asked = Promise.withResolvers<readonly string[]>();
    store.openIn = () => asked.promise;
    const lost = await call('a');
    lost.abort();
    await clock.settle();
    asked.resolve([]);
    store.openIn = openIn;
    await call('b');
    await clock.advance(3000);
    expect([ran, refused]).toEqual([['rb~b'], []]);
  });

  test('R10.1 of whose room the store says nothing is another’s to serve, and hears no busy', async () => {
    const { clock, call, store, removed, failed } = await world();
    store.openIn = () => Promise.reject(new Error('Redis does not answer'));
    await call('a');
    await clock.advance(3000);
    expect([failed, removed]).toEqual([['Error: Redis does not answer'], []]);
  });

  test('who waits for a place and is another owner’s by then takes none', async () => {
    const { clock, call, ran, ends, refused } = await world({ calls: 1 });
    await call('a');
    const lost = await call('b');
    lost.abort();
    ends.get('ra~a')!();
    await clock.advance(3000);
    await call('c');
    expect([ran, refused]).toEqual([['ra~a', 'rc~c'], []]);
  });

  test('a call that somebody has begun is run at once, however many there are', async () => {
    const { call, ran, state } = await world({ calls: 0 });
    state.cpu = 1;
    await call('a', { claims: 2, begun: true });
    expect(ran).toEqual(['ra~a']);
  });

  test('D9.1 a call that was claimed before and never begun finds a place, or its caller hears busy', async () => {
    const { clock, call, ran, removed } = await world({ calls: 0 });
    await call('a', { claims: 2 });
    await clock.advance(2100);
    expect([ran, removed]).toEqual([[], ['ra sip_a']]);
  });

  test('D9.1 a call that goes on here counts for its trunk and its number', async () => {
    const { clock, call, refused } = await world({ calls: 9, perNumber: 1 });
    await call('a', { claims: 2, begun: true, trunkPhone: '+491' });
    await call('b', { trunkPhone: '+491' });
    await clock.advance(2100);
    expect(refused).toEqual(['rb~b: 1 of 1 calls go on to the number that was called']);
  });

  test('D9.1 while the processors are busy one call joins at a time, and none while they are full', async () => {
    const { clock, call, admission, ran, state, refused } = await world({ calls: 9 });
    state.cpu = 0.8;
    for (const name of ['a', 'b', 'c']) await call(name);
    await clock.advance(100);
    expect(ran).toEqual(['ra~a']);
    admission.joined('ra~a');
    await clock.advance(100);
    expect(ran).toEqual(['ra~a', 'rb~b']);
    state.cpu = 0.95;
    admission.joined('rb~b');
    await clock.advance(2000);
    expect([ran.length, refused]).toEqual([2, ['rc~c: the processors are busy']]);
  });

  test('a call that does not come to its room holds back the next for three seconds', async () => {
    const { clock, call, ran, state } = await world({ calls: 9 });
    state.cpu = 0.8;
    await call('a');
    await clock.advance(2000);
    await call('b');
    await clock.advance(900);
    expect(ran).toEqual(['ra~a']);
    await clock.advance(200);
    expect(ran).toEqual(['ra~a', 'rb~b']);
  });

  test('D9.1 calls are limited over a trunk and to a number of ours', () => {
    const running = ['+491', '+492'].map((trunkPhone) => callerOf('x', { trunk: 'ST_1', trunkPhone }));
    running.push(callerOf('y'));
    const limits = { calls: 10, perTrunk: 2, perNumber: 1 };
    expect(tooMany(limits, running, { trunk: 'ST_1', trunkPhone: '+493' })).toBe(
      '2 of 2 calls go on over the trunk ST_1',
    );
    expect(tooMany(limits, running, { trunk: 'ST_2', trunkPhone: '+491' })).toBe(
      '1 of 1 calls go on to the number that was called',
    );
    expect(tooMany(limits, running, { trunk: 'ST_2', trunkPhone: '+493' })).toBeUndefined();
    expect(tooMany({ calls: 10 }, running, { trunk: 'ST_1', trunkPhone: '+491' })).toBeUndefined();
    expect(tooMany(limits, running, {})).toBeUndefined();
  });

  test('more is let in the less the processors have to do', () => {
    const allowed = [0, 0.79, 0.8, 0.94, 0.95, 1].map((cpu) => [0, 1, 5].map((joining) => mayJoin({ cpu, joining })));
    expect(allowed).toEqual([
      [true, true, true],
      [true, true, true],
      [true, false, false],
      [true, false, false],
      [false, false, false],
      [false, false, false],
    ]);
  });
});
