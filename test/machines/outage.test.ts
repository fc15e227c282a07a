import { describe, expect, it } from 'vitest';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { caller, type CallHarness } from '../support/call-harness.ts';
import { asked, failure, heard, listening, playbacks, says, speaking, telling } from '../support/call-plays.ts';

const outageMs = 65_000;

/** livekit-server is gone: the SDK tries for a while, then each new join fails at once, until the server is back. */
async function outlasts(call: CallHarness): Promise<void> {
  const until = call.clock.now() + outageMs;
  call.send({ type: 'line.reconnecting' });
  await call.clock.advance(5000);
  while (call.clock.now() < until) {
    // oxlint-disable-next-line no-await-in-loop
    await call.clock.advance(300);
    if (call.is('attached.joining')) call.send({ type: 'line.failed', failure });
  }
  await call.clock.advance(300);
  call.send({ type: 'line.joined' });
}

const back = (call: CallHarness) => call.send({ type: 'caller.joined', caller: { ...caller, sid: 'PA_2' } });

const turns = (call: CallHarness) => call.context().history.map(({ who, turn }) => `${who} ${turn}`);

describe('a server that is gone for a minute', () => {
  it('R9.3 leaves the turn where it was: nothing is said to nobody, and the rest follows', async () => {
    const call = await speaking();
    const before = turns(call);
    const heard = JSON.stringify(call.context().history);
    await outlasts(call);
    expect(call.is('joined.returning')).toBe(true);
    expect(call.is('replying.halted')).toBe(true);
    expect(playbacks(call).at(-1)).toBe('playback.pause');
    await call.clock.advance(20_000);
    expect(JSON.stringify(call.context().history)).toBe(heard);
    back(call);
    expect(call.is('replying.speaking')).toBe(true);
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.resume', from: 'word' });
    expect(turns(call)).toEqual(before);
  });

  it('R9.3 keeps an answer that was got ready meanwhile until it can be heard', async () => {
    const call = await asked();
    const before = turns(call);
    call.report('think', { type: 'model.clause', text: 'Ninety euros.' });
    call.report('think', { type: 'model.finished', reason: 'stop' });
    call.report('speak', { type: 'voice.requested' });
    call.report('speak', { type: 'voice.first_audio' });
    await outlasts(call);
    call.send({ type: 'playback.started', turn: call.context().turn });
    expect(call.is('replying.halted')).toBe(true);
    back(call);
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.resume', from: 'word' });
    expect(turns(call)).toEqual(before);
  });

  it('R9.3 gives an answer its time to be heard from when the link is there again', async () => {
    const call = await asked();
    const before = turns(call);
    call.send({ type: 'line.reconnecting' });
    await call.clock.advance(delaysMs.replyReady - 400);
    call.send({ type: 'line.reconnected' });
    await call.clock.advance(delaysMs.replyReady - 1);
    expect(call.is('replying.thinking.confirmed')).toBe(true);
    expect(turns(call)).toEqual(before);
  });

  it('R9.3 counts no silence of the caller, until 7 s after he is back', async () => {
    const call = await listening();
    const before = says(call).length;
    await outlasts(call);
    await call.clock.advance(29_000);
    expect([says(call).length, call.context().nudges]).toEqual([before, 0]);
    back(call);
    await call.clock.advance(6_999);
    expect(call.context().nudges).toBe(0);
    await call.clock.advance(1);
    expect(says(call).at(-1)).toBe('Are you still there?');
  });

  it('R9.3 loses a caller who is not back 30 s after we are', async () => {
    const call = await listening();
    await outlasts(call);
    await call.clock.advance(29_999);
    expect(call.is('joined.returning')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('leaving')).toBe(true);
  });
});

const unheard = (call: CallHarness, words: number) =>
  call.send({ type: 'playback.unheard', turn: call.context().turn, words, heardMs: 300 });

const told = (call: CallHarness) => call.context().history.findLast(({ who }) => who === 'agent');

describe('a way to the caller that was dead before that was known', () => {
  it('D4.1 takes what was not heard out of the history, and the turn goes on', async () => {
    const call = await speaking();
    unheard(call, 2);
    call.send({ type: 'line.reconnecting' });
    expect(told(call)).toMatchObject({ heard: ['We'], heardMs: 300, finished: false });
    call.send({ type: 'line.reconnected' });
    expect(call.is('replying.speaking')).toBe(true);
  });

  it('D4.1 says nothing again where only the silence after the last word was not heard', async () => {
    const call = await speaking(telling, telling.split(' ').length);
    call.send({ type: 'playback.finished', turn: call.context().turn });
    unheard(call, 0);
    call.send({ type: 'line.reconnecting' });
    call.send({ type: 'line.reconnected' });
    expect(call.is('listening.quiet')).toBe(true);
    expect(told(call)).toMatchObject({ finished: true });
  });

  it('D4.1 says the end of an answer that seemed to be over, once the caller is back', async () => {
    const call = await speaking();
    heard(call, telling.split(' ').slice(3).join(' '), 3000);
    call.send({ type: 'playback.finished', turn: call.context().turn });
    expect(call.is('listening.quiet')).toBe(true);
    unheard(call, 4);
    call.send({ type: 'line.reconnecting' });
    call.send({ type: 'line.reconnected' });
    expect(call.is('replying')).toBe(true);
    expect(says(call).at(-1)).toBe('lake and a balcony.');
  });
});
