import { describe, expect, it } from 'vitest';
import { bareCall, callMachineVersion } from '../../src/machines/call/call.machine.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { freshContext } from '../../src/machines/call/context.ts';
import type { CallRecord } from '../../src/runtime/call-store.ts';
import { rearm, restoredSnapshot } from '../../src/runtime/restore.ts';
import { upgraded } from '../../src/runtime/upgrade.ts';
import { caller, createCallHarness, guest, hotel } from '../support/call-harness.ts';
import { listening, ringing, starts } from '../support/call-plays.ts';
import { type Moment, saved } from '../support/call-moments.ts';

const fresh = (now: number) => freshContext({ callKey: 'room~SCL_1', room: 'room', epoch: 2, agent: hotel, now });

/** As a process of an earlier version saved it: without what came later, and perhaps in a state that is no more. */
function earlier({ record }: Moment, value = record.value): CallRecord {
  const { transferTo: _later, ailing: _ailing, avoided: _avoided, agent, ...known } = record.context;
  const { people: _new, models: _models, voices: _voices, ...facts } = agent;
  const context = { ...known, agent: facts };
  return { ...(record as unknown as CallRecord), version: String(callMachineVersion - 1), value, context };
}

function goesOn(moment: Moment, record: CallRecord) {
  const now = moment.atMs;
  const from = upgraded(bareCall, record, fresh(now), now);
  const call = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, from), startMs: now });
  rearm(call.actor, from.timers, now);
  call.send({ type: 'call.restored', epoch: 2 });
  return call;
}

const isNoMore = { live: { conversation: { talking: { listening: 'dozing' } }, hearing: 'sleeping' } };

describe('a call that an earlier version has saved', () => {
  it('goes on where it stood; what that version did not know of is as at the start', async () => {
    const moment = saved(await listening());
    const call = goesOn(moment, earlier(moment));
    expect(call.states().some((leaf) => leaf.includes('replying'))).toBe(true);
    const { people, models, voices } = hotel;
    const since = { transferTo: '', ailing: [], avoided: [], agent: { people, models, voices } };
    expect(call.context()).toMatchObject({ ...since, epoch: 2 });
    expect(call.context().history.slice(0, 2)).toEqual(moment.record.context.history);
    expect(call.errors).toEqual([]);
  });

  it('with ears that knew less: what is new of them is as at the start, the rest stays', async () => {
    const moment = saved(await listening());
    const { noises: _noises, broken: _broken, ...ears } = moment.record.context.ears;
    const record = earlier(moment);
    const before = { ...(record.context as object), ears: { ...ears, trials: 2 } };
    const call = goesOn(moment, { ...record, context: before });
    expect(call.context().ears).toMatchObject({ noises: 0, broken: false, trials: 2 });
  });

  it('goes on with what was said when its state is no more', async () => {
    const moment = saved(await listening());
    const call = goesOn(moment, earlier(moment, isNoMore));
    expect(call.states().some((leaf) => leaf.includes('replying'))).toBe(true);
    expect(call.context().history.slice(0, 2)).toEqual(moment.record.context.history);
    expect(call.errors).toEqual([]);
  });

  it('rings when nobody was heard yet and its state is no more', () => {
    const moment = saved(ringing());
    const call = goesOn(moment, earlier(moment, isNoMore));
    expect(call.states().some((leaf) => leaf.endsWith('conversation.ringing'))).toBe(true);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.answered' });
    expect(call.states().some((leaf) => leaf.includes('disclosing'))).toBe(true);
    expect(call.errors).toEqual([]);
  });

  it('R3.4 rings and listens no longer than it may, whatever timers that version had', async () => {
    const [rings, talks] = [saved(ringing()), saved(await listening())];
    const ring = goesOn(rings, { ...earlier(rings, isNoMore), timers: [] });
    ring.send({ type: 'line.joined' });
    ring.send({ type: 'caller.joined', caller });
    await ring.clock.advance(delaysMs.callerAnswers);
    expect([ring.context().why, ring.running()]).toEqual(['not answered', ['hangUp']]);
    const now = talks.atMs;
    const record = earlier(talks, isNoMore);
    const { timers } = upgraded(bareCall, { ...record, timers: [] }, fresh(now), now);
    expect(timers).toMatchObject([{ dueAt: now + hotel.maxCallMs, kind: 'wall' }]);
    expect(upgraded(bareCall, record, fresh(now), now).timers).toEqual(record.timers);
  });

  it.each<[string, unknown]>([
    ['a state that was divided since', { live: { conversation: 'dialing' } }],
    ['a state of the same name', { live: { conversation: { dialing: 'connecting' } } }],
    ['a state that is no more', { live: { conversation: 'phoning' } }],
  ])('R3.4 that was calling somebody, in %s, looks for the leg and calls nobody', (_, value) => {
    const moment = saved(createCallHarness({}, { dial: guest }));
    const call = goesOn(moment, earlier(moment, value as never));
    call.send({ type: 'line.joined' });
    expect(call.is('dialing.lookingUp')).toBe(true);
    expect(starts(call, 'dial')).toEqual([]);
    expect(call.running()).toContain('findLeg');
  });

  it('R3.4 that had called somebody goes on with what came of it', () => {
    const outcomes = [{ outcome: { result: 'answered' }, answeredAt: 0 }, { outcome: { result: 'busy' } }] as const;
    const [talks, leaves] = outcomes.map((came) => {
      const moment = saved(createCallHarness({}, { dial: guest }));
      const record = earlier(moment, isNoMore);
      return goesOn(moment, { ...record, context: { ...(record.context as object), dial: { ...guest, ...came } } });
    });
    expect(talks!.is('talking')).toBe(true);
    expect(leaves!.running()).toEqual(['hangUp']);
    const moment = saved(createCallHarness({}, { dial: guest }));
    expect(goesOn(moment, earlier(moment, { leaving: 'hangingUp' } as never)).running()).toEqual(['hangUp']);
  });

  it('is not touched when it is of this version', () => {
    const record = { ...saved(ringing()).record, version: String(callMachineVersion) } as unknown as CallRecord;
    expect(upgraded(bareCall, record, fresh(0), 0)).toBe(record);
  });
});
