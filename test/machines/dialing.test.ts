import { describe, expect, it } from 'vitest';
import type { DialFailure } from '../../src/actors/dialer.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { caller, type CallHarness, createCallHarness, guest, hotel, spoken } from '../support/call-harness.ts';
import { failure, says, starts, why } from '../support/call-plays.ts';

/** A call out whose agent is in the room; the telephone is being called. */
function calling(dial = guest): CallHarness {
  const call = createCallHarness({}, { dial });
  call.send({ type: 'line.joined' });
  call.report('stt', { type: 'stt.opened' });
  return call;
}

/** The leg is in the room, and rings. */
function rings(call: CallHarness): CallHarness {
  call.send({ type: 'caller.joined', caller });
  return call;
}

/** Nobody knew what had come of it, and the leg was found; `seen`: by us too. */
function adopted(seen: boolean): CallHarness {
  const call = calling();
  call.report('dial', { type: 'dial.failed', outcome: { result: 'unknown' } });
  call.report('findLeg', { type: 'leg.found' });
  return seen ? rings(call) : call;
}

function hungUp(call: CallHarness): void {
  call.report('hangUp', { type: 'line.hung_up' });
}

describe('calling somebody', () => {
  it('R3.4 nobody is dialled before our own voice is in the room', () => {
    const call = createCallHarness({}, { dial: guest });
    expect(call.is('dialing.connecting')).toBe(true);
    expect(call.running()).not.toContain('dial');
    call.send({ type: 'line.joined' });
    expect(starts(call, 'dial')).toEqual([{ to: guest.to, ringMs: guest.ringMs, maxCallMs: hotel.maxCallMs }]);
  });

  it('R3.4 a call that comes in rings and dials nobody', () => {
    const call = createCallHarness();
    call.send({ type: 'line.joined' });
    expect(call.is('conversation.ringing')).toBe(true);
    expect(call.running()).not.toContain('dial');
  });

  it('R3.4 nobody is called who was to be called long ago: it ends at once, and says so', () => {
    const call = createCallHarness({}, { dial: guest, startMs: guest.orderedAt + 300_001 });
    hungUp(call);
    expect(why(call)).toBe('dial failed');
    expect(call.context().dial?.outcome).toMatchObject({ result: 'failed' });
    expect(starts(call, 'dial')).toEqual([]);
    expect(createCallHarness({}, { dial: guest, startMs: guest.orderedAt + 300_000 }).is('dialing')).toBe(true);
  });

  it('R3.4 is told from which number, when one was asked for', () => {
    expect(starts(calling({ ...guest, from: '+4930999' }), 'dial')[0]).toMatchObject({ from: '+4930999' });
  });

  it('R3.4 once it is answered the conversation goes on as with a caller', async () => {
    const call = rings(calling());
    call.send({ type: 'caller.answered' });
    expect(call.running()).not.toContain('dial');
    expect(call.context().dial).toEqual({ ...guest, outcome: { result: 'answered' }, answeredAt: call.clock.now() });
    expect(says(call)).toEqual([call.context().agent.disclosure]);
    await spoken(call, call.context().agent.disclosure);
    await spoken(call, call.context().agent.greeting);
    expect(call.is('listening.quiet')).toBe(true);
  });

  it('R3.4 what the network says while it rings is nobody’s turn', async () => {
    const call = rings(calling());
    call.send({ type: 'stt.words', utterance: 0, text: 'Please hold the line', final: true });
    call.send({ type: 'caller.answered' });
    await spoken(call, call.context().agent.disclosure);
    await spoken(call, call.context().agent.greeting);
    expect(call.is('listening.quiet')).toBe(true);
    expect(call.lines().filter((line) => line.startsWith('caller'))).toEqual([]);
  });

  it('R3.4 what the stream of before the answer still says is not the callee’s: another hears what comes then', () => {
    const call = rings(calling());
    call.send({ type: 'stt.words', utterance: 2, text: 'Please hold', final: false });
    const before = starts(call, 'stt').length;
    call.send({ type: 'caller.answered' });
    expect(starts(call, 'stt').slice(before)).toMatchObject([{ settledAt: call.clock.now() }]);
  });

  it('R3.4 the gateway’s answer alone begins nothing: the room tells whether the line is open', async () => {
    const call = rings(calling());
    call.report('dial', { type: 'dial.answered' });
    expect(call.is('dialing.answered')).toBe(true);
    call.send({ type: 'caller.answered' });
    expect(call.is('talking.opening')).toBe(true);
    const silent = rings(calling());
    silent.report('dial', { type: 'dial.answered' });
    await silent.clock.advance(delaysMs.callerSeen);
    hungUp(silent);
    expect(why(silent)).toBe('dial unknown');
  });

  it.each([
    [{ result: 'busy', sipStatus: 486 }, 'busy'],
    [{ result: 'no_answer' }, 'no answer'],
    [{ result: 'rejected', sipStatus: 603 }, 'rejected'],
    [{ result: 'unreachable', sipStatus: 404 }, 'unreachable'],
    [{ result: 'failed', sipStatus: 503, message: 'no' }, 'dial failed'],
  ] satisfies [DialFailure, string][])('R3.4 %j ends the call, which keeps it', (outcome, reason) => {
    const call = rings(calling());
    call.report('dial', { type: 'dial.failed', outcome });
    expect(call.running()).toEqual(['hangUp']);
    hungUp(call);
    expect(why(call)).toBe(reason);
    expect(call.context().dial?.outcome).toEqual(outcome);
    expect(call.errors).toEqual([]);
  });

  it('R3.4 a leg that leaves, or says it hung up, ends nothing before the gateway has said why', async () => {
    const call = rings(calling());
    call.send({ type: 'caller.hung_up' });
    call.send({ type: 'caller.left', sid: caller.sid, reason: 'USER_REJECTED' });
    await call.clock.advance(delaysMs.callerGrace + delaysMs.callerSeen);
    expect(call.is('dialing.calling')).toBe(true);
    call.report('dial', { type: 'dial.failed', outcome: { result: 'busy', sipStatus: 486 } });
    hungUp(call);
    expect(why(call)).toBe('busy');
  });

  it('R3.4 a gateway that says nothing is given up a little after the ringing must be over', async () => {
    const call = rings(calling());
    await call.clock.advance(guest.ringMs + 19_999);
    expect(call.is('dialing.calling')).toBe(true);
    await call.clock.advance(1);
    hungUp(call);
    expect(why(call)).toBe('dial unknown');
  });

  it.each<[string, (call: CallHarness) => void]>([
    ['request', (call) => call.report('dial', { type: 'dial.failed', outcome: { result: 'unknown' } })],
    [
      'actor',
      ({ actor }) =>
        actor.send({ type: 'xstate.error.actor.dial', error: new Error('broke'), actorId: 'dial' } as never),
    ],
  ])('R3.4 after a broken %s the leg is looked for: it may ring, and nobody is hung up on', async (_, breaks) => {
    const found = rings(calling());
    breaks(found);
    expect(found.running()).not.toContain('hangUp');
    found.report('findLeg', { type: 'leg.found' });
    found.send({ type: 'caller.answered' });
    expect(found.is('talking.opening')).toBe(true);
    const nowhere = calling();
    breaks(nowhere);
    nowhere.report('findLeg', { type: 'leg.missing' });
    await nowhere.clock.advance(delaysMs.legFound);
    hungUp(nowhere);
    expect(why(nowhere)).toBe('dial unknown');
    expect(nowhere.context().dial?.outcome).toEqual({ result: 'unknown' });
    expect(starts(nowhere, 'dial')).toHaveLength(1);
  });

  it.each([
    ['the room', 'caller.left', 'USER_REJECTED', 'rejected'],
    ['the room', 'caller.left', 'USER_UNAVAILABLE', 'no answer'],
    ['a webhook', 'call.caller_gone', 'USER_REJECTED', 'rejected'],
    ['a webhook', 'call.caller_gone', 'CLIENT_INITIATED', 'dial unknown'],
  ] as const)('R3.4 a leg that was found and is gone ends the call: %s says %s %s', (_, type, reason, told) => {
    for (const call of [adopted(true), adopted(false)]) {
      call.send({ type, sid: caller.sid, reason });
      hungUp(call);
      expect(why(call)).toBe(told);
    }
    const other = adopted(true);
    other.send({ type, sid: 'PA_9', reason });
    expect(other.is('dialing.adopted')).toBe(true);
  });

  it('R3.4 hanging up while it rings ends the call at once', () => {
    const call = rings(calling());
    call.send({ type: 'call.hang_up' });
    hungUp(call);
    expect(why(call)).toBe('hung up by operator');
  });

  it('R3.4 without a way into the room nobody is dialled', async () => {
    const call = createCallHarness({}, { dial: guest });
    call.send({ type: 'line.failed', failure: { ...failure, retryable: false } });
    hungUp(call);
    expect(why(call)).toBe('could not join');
    expect(starts(call, 'dial')).toEqual([]);
  });

  it('R3.4 somebody who answers a deaf agent is told so', () => {
    const call = calling();
    call.report('stt', { type: 'stt.failed', failure: { ...failure, retryable: false } });
    rings(call).send({ type: 'caller.answered' });
    expect(call.is('closing.farewell')).toBe(true);
    expect(call.context().dial?.outcome).toEqual({ result: 'answered' });
  });

  it('R3.4 the model is told whom it has called, and what about', async () => {
    const input = '{"guest":"Ms Weber"}';
    const call = rings(calling({ ...guest, input }));
    call.send({ type: 'caller.answered' });
    call.report('stt', { type: 'stt.opened' });
    await spoken(call, call.context().agent.disclosure);
    await spoken(call, call.context().agent.greeting);
    call.send({ type: 'caller.voice_started', onsetMs: 60, levelDb: -20 });
    call.send({ type: 'stt.words', utterance: 0, text: 'Yes?', final: true });
    call.send({ type: 'caller.voice_stopped', quietMs: 120, echo: false });
    await call.clock.advance(2000);
    expect(starts(call, 'think')[0].messages[0]).toEqual({
      role: 'system',
      text: `You have called ${guest.to} yourself. This call is about: ${input}`,
    });
  });
});
