import { expect, test } from 'vitest';
import type { RecorderFact } from '../../src/actors/record.ts';
import { createMemoryEgresses } from '../../src/adapters/memory/egress-store.ts';
import { calmPosture, type LimitableOperation, limitableOperations, type Posture } from '../../src/posture.ts';
import { createLimits, limitedTransfer } from '../../src/runtime/limits.ts';
import { egressBedOn } from '../support/egress-bed.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

function world() {
  const clock = createVirtualClock(1_000_000);
  let posture: Posture = calmPosture;
  const limit = (...limited: LimitableOperation[]) => (posture = { ...calmPosture, since: clock.now(), limited });
  return { clock, limit, limits: createLimits({ now: () => posture }, clock) };
}

test('D1.6 what is switched off stays so while the posture must stand, and is worth asking for later', async () => {
  const { clock, limit, limits } = world();
  limit('egress');
  expect([limits('egress'), limits('ingress')]).toEqual([60_000, undefined]);
  await clock.advance(55_000);
  expect(limits('egress')).toBe(10_000);
  limit();
  expect(limits('egress')).toBeUndefined();
});

test('D8.4 in failsafe mode nobody is called, and all else goes on', () => {
  const clock = createVirtualClock(1_000_000);
  const limits = createLimits({ now: () => ({ ...calmPosture, since: clock.now(), mode: 'failsafe' }) }, clock);
  expect(limitableOperations.filter((operation) => limits(operation) !== undefined)).toEqual(['outbound']);
});

test('D1.6 a caller is not put through while that is switched off, and the model is told why', async () => {
  const { limit, limits } = world();
  const asked: string[] = [];
  const transfer = limitedTransfer({ refer: async (_, to) => (asked.push(to), { result: 'done' }) }, limits);
  const caller = { room: 'room', identity: 'sip_1' };
  limit('transfers');
  expect(await transfer.refer(caller, 'tel:+49301', { ringMs: 1000 })).toEqual({
    result: 'failed',
    message: 'not begun: recovery has switched transfers off for now, to keep calls going',
  });
  limit();
  expect(await transfer.refer(caller, 'tel:+49301', { ringMs: 1000 })).toEqual({ result: 'done' });
  expect(asked).toEqual(['tel:+49301']);
});

test('D1.6 R4.1 a call that begins is not recorded while that is switched off; one that is recorded goes on', async () => {
  const { clock, limit, limits } = world();
  const bed = egressBedOn(clock, createMemoryEgresses(), limits);
  const book = await bed.open();
  const follow = async (callKey: string) => {
    const facts: RecorderFact[] = [];
    const { signal } = new AbortController();
    book.recorder({ callKey, room: 'room' }).follow({}, { signal }, (fact) => facts.push(fact));
    await clock.advance(100);
    return facts;
  };
  await follow('before~1');
  limit('recording');
  const why = 'recovery has switched recording off for now, to keep calls going';
  expect(await follow('after~1')).toEqual([{ type: 'recording.ended', ok: false, why }]);
  expect((await follow('before~1')).map(({ type }) => type)).not.toContain('recording.ended');
  expect(bed.livekit.orders).toHaveLength(1);
  await book.close();
});
