import { setImmediate as nextLoop } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { DialOutcome, LegOrder } from '../../src/actors/dialer.ts';
import type { CallLog } from '../../src/runtime/call-log.ts';
import type { CallRecord, CallStore } from '../../src/runtime/call-store.ts';
import { caller, hotel } from '../support/call-harness.ts';
import { copied, dataFolder, outboundWorld, request } from '../support/outbound-world.ts';

/** Telephones that note who is called, and answer when the test says so. */
function telephones(there = false) {
  const dialled: LegOrder[] = [];
  const called = Promise.withResolvers<void>();
  const looked = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<DialOutcome>();
  return {
    dialled,
    called: called.promise,
    looked: looked.promise,
    ends: outcome.resolve,
    dial(order: LegOrder) {
      dialled.push(order);
      called.resolve();
      return outcome.promise;
    },
    async find() {
      looked.resolve();
      return there ? ('there' as const) : ('nowhere' as const);
    },
  };
}

const isCalling = ({ value }: CallRecord) => JSON.stringify(value).includes('"dialing":"calling"');

/** A store that takes everything but the wish to dial. */
const full = (real: CallStore): CallStore => ({
  ...real,
  commit: (record) => (isCalling(record) ? Promise.reject(new Error('disk full')) : real.commit(record)),
});

/** A log that shows nothing. */
const unlisting = (real: CallLog): CallLog => ({ ...real, append: () => Promise.reject(new Error('disk full')) });

const loops = async (count: number) => {
  for (let loop = 0; loop < count; loop += 1) await nextLoop(); // oxlint-disable-line no-await-in-loop
};

describe('a call out', () => {
  test('R3.4 is stored, shown and dialled under a key of its own, before a gateway has one for it', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer });
    const answer = await world.outbound.call({ ...request, from: '+4930999', input: { guest: 'Weber' } });
    if (answer.is !== 'dialing') throw new Error(answer.is);
    await dialer.called;
    const { callKey } = answer;
    expect(callKey).toMatch(/^voice-ai-call-out-[\w-]{16}~out-[\w-]{16}$/);
    const [room, callerKey] = callKey.split('~');
    expect(dialer.dialled).toEqual([
      { room, callerKey, to: request.to, from: '+4930999', ringMs: 30_000, maxCallMs: hotel.maxCallMs },
    ]);
    expect(await world.calls.get(callKey)).toMatchObject({
      direction: 'out',
      agent: hotel.name,
      room,
      live: true,
      value: { live: { conversation: { dialing: 'calling' } } },
      pii: { phone: request.to },
    });
    expect(world.calls.running()[0]?.context().dial).toMatchObject({ input: '{"guest":"Weber"}' });
  });

  test('R3.4 that fails keeps its outcome, with the SIP status, in the list and in its log', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer });
    const answer = await world.outbound.call(request);
    if (answer.is !== 'dialing') throw new Error(answer.is);
    dialer.ends({ result: 'busy', sipStatus: 486 });
    expect(await world.ended(answer.callKey)).toBe('busy');
    expect(await world.calls.list({ limit: 10 })).toMatchObject([
      { direction: 'out', outcome: { result: 'busy', sipStatus: 486 }, why: 'busy' },
    ]);
    const entries = await world.log.read(answer.callKey);
    expect(entries.filter(({ kind }) => kind === 'call').map(({ data }) => data['what'])).toEqual([
      'ordered',
      'started',
      'dialled',
      'ended',
    ]);
  });

  test('R3.4 R9.5 is refused where no more rooms may be open, and nothing of it is kept', async () => {
    let why: string | undefined = 'no room is left: 3 of 3 are open';
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer, gate: async () => why });
    expect(await world.outbound.call(request)).toEqual({ is: 'full', why });
    expect(await world.calls.list({ limit: 10 })).toEqual([]);
    why = undefined;
    const answer = await world.outbound.call(request);
    if (answer.is !== 'dialing') throw new Error(answer.is);
    dialer.ends({ result: 'busy' });
    expect(await world.ended(answer.callKey)).toBe('busy');
  });

  test('R3.4 R9.5 takes a place until it has ended', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer, concurrent: 1 });
    const answer = await world.outbound.call(request);
    if (answer.is !== 'dialing') throw new Error(answer.is);
    expect(await world.outbound.call({ ...request, name: 'two' })).toEqual({ is: 'busy', concurrent: 1 });
    dialer.ends({ result: 'no_answer' });
    await world.ended(answer.callKey);
    await expect.poll(() => world.outbound.call({ ...request, name: 'two' })).toMatchObject({ is: 'dialing' });
  });

  test('R3.4 is run also when the list cannot show it beforehand', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer, log: unlisting });
    const answer = await world.outbound.call(request);
    await dialer.called;
    expect(answer).toEqual({ is: 'dialing', callKey: world.unlisted[0] });
  });

  test('R3.4 waits for a place in a queue that is full, without being asked for again', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer, capacity: 1, maxWaiting: 1 });
    const [first] = [await world.outbound.call(request)];
    await dialer.called;
    for (const name of ['two', 'three'])
      expect(await world.outbound.call({ ...request, name })).toMatchObject({ is: 'dialing' }); // oxlint-disable-line no-await-in-loop
    expect(world.queue.size().waiting).toBe(1);
    dialer.ends({ result: 'busy' });
    await expect.poll(() => dialer.dialled.length).toBe(3);
    expect(first).toMatchObject({ is: 'dialing' });
  });

  test('R3.4 of the same name is the same call, with another request none', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer });
    const first = await world.outbound.call(request);
    expect(await world.outbound.call(request)).toEqual(first);
    expect(await world.outbound.call({ ...request, to: '+49301' })).toEqual({ is: 'other' });
    await dialer.called;
    await loops(20);
    expect(dialer.dialled).toHaveLength(1);
  });

  test('R3.4 bad input: who may not be called, and an agent that is not there, are refused with what is allowed', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer });
    expect(await world.outbound.call({ ...request, to: '+4389123' })).toEqual({ is: 'not_allowed', allow: ['+4930'] });
    expect(await world.outbound.call({ ...request, agent: 'x' })).toEqual({
      is: 'agent_unknown',
      agents: [hotel.name],
    });
    expect(await world.store.list()).toEqual([]);
  });
});

describe('never twice', () => {
  test('R3.4 nobody is dialled before it is on the disk that this is meant', async () => {
    const dialer = telephones();
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const store = (real: CallStore) => ({
      ...real,
      async commit(record: CallRecord) {
        if (isCalling(record)) {
          asked.resolve();
          await gate.promise;
        }
        return real.commit(record);
      },
    });
    const world = await outboundWorld({ dir: dataFolder(), dialer, store });
    await world.outbound.call(request);
    await asked.promise;
    await loops(20);
    expect(dialer.dialled).toEqual([]);
    gate.resolve();
    await dialer.called;
  });

  test('R3.4 nor at all when the store cannot take it', async () => {
    const dialer = telephones();
    const world = await outboundWorld({ dir: dataFolder(), dialer, store: full });
    const answer = await world.outbound.call(request);
    if (answer.is !== 'dialing') throw new Error(answer.is);
    expect(await world.ended(answer.callKey)).toBe('dial failed');
    expect(dialer.dialled).toEqual([]);
  });

  test('R3.4 killed when it was meant: the next process looks for the leg for a while, and calls nobody', async () => {
    const dir = dataFolder();
    const first = telephones();
    const world = await outboundWorld({ dir, dialer: first });
    const answer = await world.outbound.call(request);
    if (answer.is !== 'dialing') throw new Error(answer.is);
    await first.called;
    const second = telephones();
    const next = await outboundWorld({ dir: copied(dir), dialer: second });
    expect(await next.ended(answer.callKey)).toBe('dial unknown');
    expect(second.dialled).toEqual([]);
    expect(await next.log.summary(answer.callKey)).toMatchObject({ outcome: { result: 'unknown' } });
    expect(await next.outbound.call(request)).toEqual(answer);
    await loops(20);
    expect(second.dialled).toEqual([]);
  });

  test('R3.4 a leg that is found is taken over, and answered as it would have been', async () => {
    const dir = dataFolder();
    const first = telephones();
    const world = await outboundWorld({ dir, dialer: first });
    await world.outbound.call(request);
    await first.called;
    const second = telephones(true);
    const next = await outboundWorld({ dir: copied(dir), dialer: second });
    await second.looked;
    const [host] = next.calls.running();
    await expect.poll(() => JSON.stringify(host!.value())).toContain('"dialing":"adopted"');
    host!.send({ type: 'caller.joined', caller, at: 0 });
    host!.send({ type: 'caller.answered', at: 0 });
    expect(JSON.stringify(host!.value())).toContain('"talking"');
    expect(second.dialled).toEqual([]);
  });

  test('R3.4 killed before anybody ran it: the next process dials it, once', async () => {
    const dir = dataFolder();
    const first = telephones();
    const world = await outboundWorld({ dir, dialer: first, capacity: 0 });
    await world.outbound.call(request);
    const second = telephones();
    await outboundWorld({ dir: copied(dir), dialer: second });
    await second.called;
    await loops(20);
    expect(second.dialled).toHaveLength(1);
    expect(first.dialled).toEqual([]);
  });
});
