import { describe, expect, it } from 'vitest';
import { caller, type CallHarness, createCallHarness } from '../support/call-harness.ts';
import {
  asked,
  begins,
  failure,
  hear,
  listening,
  playbacks,
  ringing,
  says,
  speaking,
  starts,
  voiceOff,
  voiceOn,
  wants,
  why,
} from '../support/call-plays.ts';

const ducked = async () => {
  const call = await speaking();
  voiceOn(call);
  return call;
};

const silent = async () => {
  const call = await ducked();
  await call.clock.advance(700);
  return call;
};

const callingTools = async () => {
  const call = await asked();
  wants(call, 'room_price', {});
  return call;
};

const typing = async () => {
  const call = await listening();
  call.send({ type: 'caller.digit', digit: '1' });
  return call;
};

const goodbye = async () => {
  const call = await listening();
  call.send({ type: 'call.hang_up' });
  return call;
};

const moments: readonly (readonly [string, () => CallHarness | Promise<CallHarness>])[] = [
  ['ringing', ringing],
  ['listening', listening],
  ['thinking', asked],
  ['a tool', callingTools],
  ['speaking', speaking],
  ['ducked', ducked],
  ['silent', silent],
  ['typing', typing],
  ['the goodbye', goodbye],
];

const left = (call: CallHarness, sid: string = caller.sid) =>
  call.send({ type: 'caller.left', sid, reason: 'CLIENT_INITIATED' });

describe.each(moments)('during %s', (_, play) => {
  it('D4.3 a caller who leaves ends the call after a grace of 1 s, and everything stops', async () => {
    const call = await play();
    left(call);
    await call.clock.advance(999);
    expect(call.is('leaving')).toBe(false);
    await call.clock.advance(1);
    expect(call.states()).toEqual(['leaving.hangingUp']);
    expect(call.running()).toEqual(['hangUp']);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller hung up');
    expect(call.running()).toEqual([]);
    expect(call.clock.pending()).toBe(0);
    expect(call.errors).toEqual([]);
  });

  it('D4.3 a caller who hangs up by telephone ends the call at once', async () => {
    const call = await play();
    call.send({ type: 'caller.hung_up' });
    expect(call.running()).toEqual(['hangUp']);
  });

  it('R9.3 a caller who reconnects within the grace goes on', async () => {
    const call = await play();
    left(call);
    await call.clock.advance(100);
    call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
    left(call);
    await call.clock.advance(1500);
    expect(call.is('joined.present')).toBe(true);
    expect(call.context().caller?.sid).toBe('PA_2');
    left(call, 'PA_2');
    await call.clock.advance(1000);
    expect(call.is('leaving')).toBe(true);
  });

  it('D3.4 strangers who come and go change nothing', async () => {
    const call = await play();
    const states = call.states();
    call.send({ type: 'caller.joined', caller: { ...caller, identity: 'x', sid: 'PA_9', callerKey: 'SCL_9' } });
    left(call, 'PA_9');
    call.send({ type: 'call.caller_gone', sid: 'PA_9', reason: 'CLIENT_INITIATED' });
    expect(call.states()).toEqual(states);
    expect(call.context().caller?.sid).toBe('PA_1');
  });

  it('S1 a fenced line ends the call without hanging up', async () => {
    const call = await play();
    call.send({ type: 'line.fenced', reason: 'DUPLICATE_IDENTITY' });
    expect(call.states()).toEqual(['ended']);
    expect(why(call)).toBe('fenced');
    expect(starts(call, 'hangUp')).toEqual([]);
    expect(call.running()).toEqual([]);
  });

  it('D4.3 a closed room ends the call', async () => {
    const call = await play();
    call.send({ type: 'line.closed', reason: 'ROOM_DELETED' });
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('room closed');
  });

  it('R9.3 news of an earlier life of the room, and lists without the caller, end nothing while our own link is up', async () => {
    const call = await play();
    const states = call.states();
    call.send({ type: 'call.room_gone' });
    call.send({ type: 'call.caller_unlisted', sid: caller.sid });
    expect(call.states()).toEqual(states);
  });

  it('R9.3 while our own link is down nobody is held to have left', async () => {
    const call = await play();
    call.send({ type: 'line.reconnecting' });
    left(call);
    await call.clock.advance(2000);
    expect(call.is('attached.reconnecting')).toBe(true);
    call.send({ type: 'line.reconnected' });
    expect(call.is('joined.recalled')).toBe(true);
    await call.clock.advance(1000);
    expect(call.is('joined.present')).toBe(true);
    expect(call.is('patience.works')).toBe(true);
  });
});

describe('our own link', () => {
  it('R9.3 is joined anew when the SDK does not come back in 5 s, and the call goes on', async () => {
    const call = await speaking();
    call.send({ type: 'line.reconnecting' });
    await call.clock.advance(5000);
    expect(call.is('link.rejoining')).toBe(true);
    await call.clock.advance(300);
    expect(starts(call, 'line')).toHaveLength(2);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
    expect(call.is('joined.present')).toBe(true);
    expect(call.is('replying.speaking')).toBe(true);
  });

  it.each([
    ['drops', { type: 'line.reconnecting' } as const],
    ['fails', { type: 'line.failed', failure } as const],
  ])('R9.3 that %s and does not come back ends the call after 90 s in all', async (_, event) => {
    const call = await listening();
    call.send(event);
    await call.clock.advance(89_999);
    expect(call.is('leaving')).toBe(false);
    await call.clock.advance(1);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('line lost');
  });

  it('R9.3 silence of a caller who cannot be heard is not counted', async () => {
    const call = await listening();
    const before = says(call).length;
    call.send({ type: 'line.reconnecting' });
    await call.clock.advance(5300);
    await call.clock.advance(8000);
    expect(says(call)).toHaveLength(before);
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
    await call.clock.advance(7000);
    expect(says(call).at(-1)).toBe('Are you still there?');
  });

  it('R9.3 a caller who is not back 30 s after us is lost', async () => {
    const call = await listening();
    call.send({ type: 'line.reconnecting' });
    call.send({ type: 'line.reconnected' });
    left(call);
    await call.clock.advance(29_999);
    expect(call.is('joined.returning')).toBe(true);
    await call.clock.advance(1);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller lost');
  });

  it('D3.4 that breaks as an actor is opened anew', async () => {
    const call = await listening();
    call.actor.send({ type: 'xstate.error.actor.line', error: new Error('broke'), actorId: 'line' } as never);
    expect(call.is('link.rejoining')).toBe(true);
    await call.clock.advance(300);
    expect(starts(call, 'line')).toHaveLength(2);
  });

  it('D3.4 a room that vanishes while joining ends the call', () => {
    const call = createCallHarness();
    call.send({ type: 'line.failed', failure: { ...failure, retryable: false } });
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('could not join');
  });

  it('D3.4 a room into which nobody comes is left after 8 s', async () => {
    const call = createCallHarness();
    call.send({ type: 'line.joined' });
    await call.clock.advance(8000);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('no caller');
  });

  it('S1 a caller who is never put through rings for 180 s', async () => {
    const call = ringing();
    await call.clock.advance(179_999);
    expect(call.is('ringing')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('leaving')).toBe(true);
  });
});

describe('hanging up', () => {
  it('D4.3 is tried three times', async () => {
    const call = await listening();
    call.send({ type: 'caller.hung_up' });
    call.report('hangUp', { type: 'line.hang_up_failed', failure });
    await call.clock.advance(300);
    // No answer at all.
    await call.clock.advance(3300);
    expect(starts(call, 'hangUp')).toHaveLength(3);
    call.report('hangUp', { type: 'line.hang_up_failed', failure });
    expect(call.states()).toEqual(['ended']);
    expect(why(call)).toBe('caller hung up');
  });
});

describe('a caller who reconnects while the agent speaks', () => {
  it('R9.3 misses nothing: the agent pauses and goes on at the cut word', async () => {
    const call = await speaking();
    left(call);
    expect(call.is('replying.halted')).toBe(true);
    expect(playbacks(call).at(-1)).toBe('playback.pause');
    await call.clock.advance(400);
    call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
    expect(call.is('replying.speaking')).toBe(true);
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.resume', from: 'word' });
  });

  it('R9.3 hears an answer that was got ready meanwhile from its beginning', async () => {
    const call = await asked();
    left(call);
    begins(call, 'Ninety euros.', 0);
    expect(call.is('replying.halted')).toBe(true);
    call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.resume', from: 'word' });
  });

  it('R9.3 is heard by the agent as soon as he speaks', async () => {
    const call = await ducked();
    left(call);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.is('replying.halted')).toBe(true);
    call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
    hear(call, 9, 'Are you there?');
    expect(call.is('listening.callerTalking') || call.is('settling')).toBe(true);
  });
});

const after = (call: CallHarness, event: Parameters<CallHarness['send']>[0]) => {
  call.send(event);
  return call;
};

it('R9.3 a call that reconnects before it saw its caller still waits for him, and no longer than before', async () => {
  const call = createCallHarness();
  call.report('line', { type: 'line.joined' });
  call.report('line', { type: 'line.reconnecting' });
  call.report('line', { type: 'line.reconnected' });
  expect(call.is('joined.waiting')).toBe(true);
  await call.clock.advance(8000);
  expect(call.is('leaving')).toBe(true);
});

it('R9.3 a next owner that reconnects before it found the caller does not take him to be there', async () => {
  const call = after(await returning(), { type: 'line.joined' });
  call.send({ type: 'line.reconnecting' });
  call.send({ type: 'line.reconnected' });
  expect(call.is('joined.returning')).toBe(true);
  call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });
  expect(call.is('joined.present')).toBe(true);
});

describe('a room that is gone', () => {
  it.each([
    ['joining', createCallHarness],
    ['reconnecting', async () => after(await listening(), { type: 'line.reconnecting' })],
    ['joining anew', async () => after(await listening(), { type: 'line.failed', failure })],
  ])('D4.3 ends a call that is %s', async (_, play) => {
    const call = await play();
    call.send({ type: 'call.room_gone' });
    expect(call.is('leaving')).toBe(true);
  });
});

const returning = async () =>
  after(after(await listening(), { type: 'line.failed', failure }), { type: 'call.restored', epoch: 2 });

describe('a caller whom LiveKit does not list any more', () => {
  const moments: readonly (readonly [string, () => Promise<CallHarness>])[] = [
    ['is reconnecting', async () => after(await listening(), { type: 'line.reconnecting' })],
    ['joins anew', async () => after(await listening(), { type: 'line.failed', failure })],
    ['has another owner who joins', returning],
    ['has joined, and did not find them', async () => after(await returning(), { type: 'line.joined' })],
  ];
  it.each(moments)('R9.3 is given up by a call that %s', async (_, play) => {
    const call = await play();
    call.send({ type: 'call.caller_unlisted', sid: 'PA_before' });
    expect(call.is('leaving')).toBe(false);
    call.send({ type: 'call.caller_unlisted', sid: caller.sid });
    expect(call.is('leaving')).toBe(true);
  });

  it('R9.3 is not given up in the second after which a reconnect is a hang-up', async () => {
    const call = after(await listening(), { type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' });
    call.send({ type: 'call.caller_unlisted', sid: caller.sid });
    expect(call.is('joined.missing')).toBe(true);
  });
});
