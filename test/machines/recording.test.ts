import { type AnyMachineSnapshot, createActor } from 'xstate';
import { describe, expect, it } from 'vitest';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { recording } from '../../src/machines/call/recording.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { restorable, restoredSnapshot } from '../../src/runtime/restore.ts';
import { type CallHarness, createCallHarness, hotel, spoken } from '../support/call-harness.ts';
import { heard, listening, opening, ringing, sounds, starts, why } from '../support/call-plays.ts';
import { disclosing } from '../support/recording-walk.ts';
import { callOf } from '../support/region-machines.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const recorded = { recording: { dual: true } };

const begun = () => listening(recorded);

async function going(): Promise<CallHarness> {
  const call = await begun();
  call.report('recording', { type: 'recording.started', egress: 'EG_1' });
  return call;
}

async function stopping(): Promise<CallHarness> {
  const call = await going();
  call.send({ type: 'call.stop_recording' });
  return call;
}

/** The call in another process. */
function restored(call: CallHarness): CallHarness {
  const record = JSON.parse(JSON.stringify(restorable(call.actor.getSnapshot())));
  const next = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, record), startMs: call.clock.now() });
  next.send({ type: 'call.restored', epoch: 2 });
  return next;
}

const isAlive = (call: CallHarness) => {
  expect(call.is('conversation.talking')).toBe(true);
  expect(call.errors).toEqual([]);
};

describe('a recording begins', () => {
  it('R4.1 when the last word of the disclosure was heard, and not a word before', async () => {
    const call = ringing(recorded);
    call.send({ type: 'caller.answered' });
    sounds(call, call.context().agent.disclosure, 6);
    expect(call.is('recording.off')).toBe(true);
    expect(call.running()).not.toContain('recording');
    heard(call, 'assistant.', 2400);
    expect(call.is('recording.kept.starting')).toBe(true);
    expect(starts(call, 'recording')).toEqual([{ dual: true }]);
  });

  it('R4.1 after a disclosure that was cut, once its rest was heard', async () => {
    const call = ringing(recorded);
    call.send({ type: 'caller.answered' });
    sounds(call, call.context().agent.disclosure, 3);
    const next = restored(call);
    expect(next.is('recording.off')).toBe(true);
    await spoken(next, 'Sorry for the pause. with an AI assistant.');
    expect(next.is('recording.kept.starting')).toBe(true);
  });

  it('R4.1 never for an agent that does not ask for it', async () => {
    expect((await listening()).is('recording.off')).toBe(true);
  });

  it('R4.1 never where nobody is told', async () => {
    const call = createCallHarness({ ...recorded, disclosure: '' });
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.answered' });
    await spoken(call, call.context().agent.greeting);
    expect(call.is('recording.off')).toBe(true);
  });
});

describe('a recording that fails leaves the call unharmed', () => {
  it.each([
    ['is refused', (call: CallHarness) => call.report('recording', { type: 'recording.ended', ok: false, why: 'no' })],
    [
      'breaks',
      (call: CallHarness) =>
        call.actor.send({
          type: 'xstate.error.actor.recording',
          error: new Error('no'),
          actorId: 'recording',
        } as never),
    ],
  ] as const)('R4.1 when it %s', async (_, fails) => {
    const call = await begun();
    fails(call);
    expect(call.is('recording.failed')).toBe(true);
    expect(call.running()).not.toContain('recording');
    expect(call.context().recording).toEqual({ state: 'failed', why: expect.any(String) });
    isAlive(call);
  });

  it.each([
    ['never answers, and might still begin', [], ['starting', 'stopping']],
    ['does not end in time', [{ type: 'call.stop_recording', at: 0 }], ['stopping']],
  ] as const)('R4.1 when it %s', async (_, events, states) => {
    const clock = createVirtualClock();
    const line = { ...disclosing.history![0]!, heard: hotel.disclosure.split(' ') };
    const actor = createActor(callOf({ recording }, { ...disclosing, history: [line as never] }), { clock });
    const value = () => (actor.getSnapshot() as AnyMachineSnapshot).value;
    actor.start();
    for (const event of events) actor.send(event as never);
    for (const state of states) {
      expect(value()).toEqual({ live: { recording: { kept: state } } });
      // oxlint-disable-next-line no-await-in-loop -- time passes
      await clock.advance(state === 'starting' ? delaysMs.recordingStarts : delaysMs.recordingStops);
    }
    expect(value()).toEqual({ live: { recording: 'failed' } });
  });

  it('R4.1 and is not begun a second time', async () => {
    const call = await begun();
    call.report('recording', { type: 'recording.ended', ok: false, why: 'no' });
    heard(call, 'anything', 300);
    expect(call.is('recording.failed')).toBe(true);
    expect(restored(call).is('recording.failed')).toBe(true);
    expect(starts(restored(call), 'recording')).toEqual([]);
    isAlive(call);
  });
});

describe('a recording ends', () => {
  it('R4.1 when an operator says so, and the call goes on', async () => {
    const call = await stopping();
    expect(call.commands('recording')).toEqual([{ type: 'recording.stop' }]);
    call.report('recording', { type: 'recording.ended', ok: true });
    expect(call.is('recording.off')).toBe(true);
    heard(call, 'anything', 300);
    expect(call.is('recording.off')).toBe(true);
    expect(call.context().recording).toEqual({ state: 'ended' });
    isAlive(call);
  });

  it('R4.1 and only where there is one to end', async () => {
    const stop = { type: 'call.stop_recording', at: 0 } as const;
    const can = (call: CallHarness) => call.actor.getSnapshot().can(stop);
    expect([can(await begun()), can(await going())]).toEqual([true, true]);
    expect([can(await stopping()), can(await listening())]).toEqual([false, false]);
  });

  it('R4.1 with the call, whose end waits for nothing of it', async () => {
    const call = await going();
    call.send({ type: 'caller.hung_up' });
    expect(call.running()).toEqual(['hangUp']);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller hung up');
  });
});

describe('a restored call', () => {
  it.each([
    ['starting', begun],
    ['on', going],
  ] as const)('R4.1 takes up the recording that was %s', async (_, play) => {
    const call = restored(await play());
    expect(starts(call, 'recording')).toEqual([{ dual: true }]);
    expect(call.is('recording.kept.starting')).toBe(true);
    call.report('recording', { type: 'recording.started', egress: 'EG_1' });
    expect(call.is('recording.kept.on')).toBe(true);
  });

  it('R4.1 goes on ending the one that was being ended', async () => {
    const call = restored(await stopping());
    expect(call.is('recording.kept.stopping')).toBe(true);
    expect(call.commands('recording')).toEqual([{ type: 'recording.stop' }]);
  });

  it('R4.1 that was saved before there were recordings is not recorded', async () => {
    const call = await opening('greeting');
    const { value, context } = JSON.parse(JSON.stringify(restorable(call.actor.getSnapshot())));
    delete value.live.recording;
    const next = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, { value, context }) });
    next.send({ type: 'call.restored', epoch: 2 });
    expect(next.is('recording.off')).toBe(true);
    isAlive(next);
  });
});
