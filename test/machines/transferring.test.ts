import { describe, expect, it } from 'vitest';
import type { DialFailure } from '../../src/actors/dialer.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { rearm, restoredSnapshot } from '../../src/runtime/restore.ts';
import { caller, callerSays, type CallHarness, createCallHarness, spoken } from '../support/call-harness.ts';
import { saved } from '../support/call-moments.ts';
import {
  asked,
  finishes,
  hear,
  listening,
  says,
  sounds,
  speaking,
  starts,
  voiceOff,
  voiceOn,
  wants,
  why,
} from '../support/call-plays.ts';

const announcement = 'I am putting you through. Please stay on the line.';
const busy: DialFailure = { result: 'busy', sipStatus: 486 };

/** The caller is being put through as an operator said, after the announcement. */
async function referring(): Promise<CallHarness> {
  const call = await listening();
  call.send({ type: 'call.transfer', person: 'frontDesk' });
  await spoken(call, announcement);
  return call;
}

/** The call may last no longer, as the other telephone rings. */
async function overlong(): Promise<CallHarness> {
  const call = await referring();
  call.actor.send({ type: 'xstate.after.maxCall.call.live.conversation.talking' } as never);
  expect(call.is('transferring.referring')).toBe(true);
  return call;
}

const transferLine = (call: CallHarness) => call.context().history.find((line) => line.who === 'tool');

describe('putting a caller through', () => {
  it('R3.4 an operator’s wish is announced to the end, and then carried out', async () => {
    const call = await listening();
    call.send({ type: 'call.transfer', person: 'frontDesk' });
    expect(says(call)).toContain(announcement);
    expect(call.running()).not.toContain('transfer');
    await spoken(call, announcement);
    expect(starts(call, 'transfer')).toEqual([{ identity: caller.identity, to: 'frontDesk', ringMs: 20_000 }]);
  });

  it('R3.4 the model’s wish is carried out when its own words were heard', async () => {
    const call = await asked('I want to speak to somebody.');
    call.report('think', { type: 'model.clause', text: 'I connect you with the front desk.' });
    wants(call, 'transfer_call', { to: 'frontDesk' });
    expect(call.running()).not.toContain('transfer');
    sounds(call, 'I connect you with the front desk.', 7);
    finishes(call);
    expect(call.is('transferring.heeding')).toBe(true);
    await call.clock.advance(delaysMs.transferBegins);
    expect(starts(call, 'transfer')).toHaveLength(1);
    expect(transferLine(call)).toMatchObject({ at: call.clock.now() });
    expect(says(call)).not.toContain(announcement);
  });

  it('R3.4 a model that says nothing is announced for', async () => {
    const call = await asked('I want to speak to somebody.');
    wants(call, 'transfer_call', { to: 'frontDesk' });
    expect(says(call)).toContain(announcement);
  });

  it('R3.4 a caller who goes on meanwhile is not put through', async () => {
    const call = await asked('I want to speak to somebody.');
    call.report('think', { type: 'model.clause', text: 'I connect you with the front desk.' });
    wants(call, 'transfer_call', { to: 'frontDesk' });
    sounds(call, 'I connect you with the front desk.', 3);
    voiceOn(call);
    hear(call, 7, 'No, wait, I forgot something', true);
    voiceOff(call);
    await call.clock.advance(3000);
    expect(starts(call, 'transfer')).toEqual([]);
  });

  it.each([
    ['objects', 'No, please do not', 0],
    ['agrees', 'okay', 1],
    ['makes a noise', '', 1],
  ])('R3.4 a caller whose voice is on as the announcement ends is heard out: one who %s', async (_, words, times) => {
    const call = await asked('I want to speak to somebody.');
    call.report('think', { type: 'model.clause', text: 'I connect you with the front desk.' });
    wants(call, 'transfer_call', { to: 'frontDesk' });
    sounds(call, 'I connect you with the front desk.', 7);
    voiceOn(call);
    await call.clock.advance(200);
    finishes(call);
    await call.clock.advance(delaysMs.transferBegins + 200);
    expect(starts(call, 'transfer')).toEqual([]);
    if (words) hear(call, 7, words, true);
    voiceOff(call);
    await call.clock.advance(2000);
    expect(starts(call, 'transfer')).toHaveLength(times);
    if (times === 0) expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({ role: 'user', text: words });
  });

  it('R3.4 a voice without end is noise, and holds up nobody', async () => {
    const call = await asked('I want to speak to somebody.');
    call.report('think', { type: 'model.clause', text: 'I connect you with the front desk.' });
    wants(call, 'transfer_call', { to: 'frontDesk' });
    sounds(call, 'I connect you with the front desk.', 7);
    finishes(call);
    voiceOn(call);
    await call.clock.advance(delaysMs.transferHeeds);
    expect(starts(call, 'transfer')).toHaveLength(1);
  });

  it('R3.4 an operator who hangs up while the other telephone rings ends the call at once', async () => {
    const call = await referring();
    call.send({ type: 'call.hang_up' });
    expect(call.running()).toEqual(['hangUp']);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('hung up by operator');
  });

  it('R3.4 a call that gets too long while it is put through is put through; one that stays ends then', async () => {
    const gone = await overlong();
    gone.report('transfer', { type: 'transfer.done' });
    gone.send({ type: 'caller.hung_up' });
    gone.report('hangUp', { type: 'line.hung_up' });
    expect(why(gone)).toBe('transferred');
    const stays = await overlong();
    stays.report('transfer', { type: 'transfer.failed', outcome: busy });
    expect(stays.is('closing.farewell')).toBe(true);
    expect(transferLine(stays)).toMatchObject({ ok: false });
    expect(stays.context().why).toBe('call too long');
    expect(restoredFrom(await overlong()).is('closing')).toBe(true);
  });

  it('R3.4 bad input: a name that nobody has is told to the model, and nobody is called', async () => {
    const call = await asked('Give me the boss.');
    wants(call, 'transfer_call', { to: '+4930123456' });
    expect(starts(call, 'transfer')).toEqual([]);
    expect(starts(call, 'think').at(-1).messages.at(-1)).toMatchObject({
      role: 'tool',
      text: '{"error":{"code":"invalid_input","message":"to: one of frontDesk"}}',
    });
    expect(call.actor.getSnapshot().can({ type: 'call.transfer', person: 'boss', at: 0 })).toBe(false);
  });

  it('R3.4 bad input: nobody is put through while the agent says goodbye, or is being put through already', async () => {
    const ending = await listening();
    ending.send({ type: 'call.hang_up' });
    expect(ending.actor.getSnapshot().can({ type: 'call.transfer', person: 'frontDesk', at: 0 })).toBe(false);
    const call = await referring();
    expect(call.actor.getSnapshot().can({ type: 'call.transfer', person: 'frontDesk', at: 0 })).toBe(false);
    expect(call.actor.getSnapshot().can({ type: 'call.say', text: 'Dinner.', at: 0 })).toBe(false);
  });

  it('R3.4 the call ends as transferred when the other side has answered, whoever hangs up first', async () => {
    const call = await referring();
    call.report('transfer', { type: 'transfer.done' });
    expect(call.is('transferring.gone')).toBe(true);
    call.send({ type: 'caller.hung_up' });
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('transferred');
    const early = await referring();
    early.send({ type: 'caller.hung_up' });
    early.send({ type: 'caller.left', sid: caller.sid, reason: 'CLIENT_INITIATED' });
    early.report('transfer', { type: 'transfer.done' });
    await early.clock.advance(delaysMs.callerGrace);
    early.report('hangUp', { type: 'line.hung_up' });
    expect(why(early)).toBe('transferred');
    const silent = await referring();
    silent.report('transfer', { type: 'transfer.done' });
    await silent.clock.advance(delaysMs.transferGone);
    silent.report('hangUp', { type: 'line.hung_up' });
    expect(why(silent)).toBe('transferred');
  });

  it('R3.4 a caller who hangs up while it rings has hung up', async () => {
    const call = await referring();
    call.send({ type: 'caller.hung_up' });
    await call.clock.advance(delaysMs.callerGrace);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller hung up');
  });

  it('R3.4 a transfer that fails comes back: the model is told why, with its SIP status, and answers', async () => {
    const call = await referring();
    call.report('transfer', { type: 'transfer.failed', outcome: busy });
    expect(call.is('replying.thinking')).toBe(true);
    expect(starts(call, 'think').at(-1).messages.slice(-2)).toEqual([
      {
        role: 'assistant',
        text: '',
        toolCalls: [{ id: expect.any(String), name: 'transfer_call', input: '{"to":"frontDesk"}' }],
      },
      {
        role: 'tool',
        callId: expect.any(String),
        text: '{"error":{"code":"failed","message":"frontDesk is busy (SIP 486). The caller is still on the line: tell them."}}',
      },
    ]);
    expect(call.errors).toEqual([]);
  });

  it('R3.4 what the caller said while it rang is answered then', async () => {
    const call = await referring();
    await callerSays(call, 5, 'Is anybody there?');
    call.report('transfer', { type: 'transfer.failed', outcome: busy });
    expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({ role: 'user', text: 'Is anybody there?' });
  });

  it('R3.4 silence has a deadline: the caller is told to wait, and the other side is given up', async () => {
    const call = await referring();
    await call.clock.advance(2499);
    expect(says(call)).not.toContain('One moment, please.');
    await call.clock.advance(1);
    expect(says(call).at(-1)).toBe('One moment, please.');
    await spoken(call, 'One moment, please.');
    await call.clock.advance(delaysMs.transferHushed - 1);
    expect(call.is('referring.hushed')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('referring.assuring')).toBe(true);
    await spoken(call, 'One moment, please.');
    await call.clock.advance(delaysMs.transferEnds);
    expect(call.is('replying.thinking')).toBe(true);
    expect(transferLine(call)).toMatchObject({ ok: false, text: expect.stringContaining('outcome_unknown') });
  });

  it('R3.4 a deaf agent that nobody relieves says goodbye', async () => {
    const call = await referring();
    call.report('stt', {
      type: 'stt.failed',
      failure: { vendor: 't', phase: 'stream', class: 'api', retryable: false, message: '' },
    });
    expect(call.is('transferring.referring')).toBe(true);
    call.report('transfer', { type: 'transfer.failed', outcome: busy });
    expect(call.is('closing.farewell')).toBe(true);
  });

  it('R3.4 without an announcement that can be spoken the caller is put through all the same', async () => {
    const call = await listening();
    call.send({ type: 'call.transfer', person: 'frontDesk' });
    await call.clock.advance(delaysMs.replyReady);
    expect(call.running()).toContain('transfer');
  });
});

function restoredFrom(first: CallHarness): CallHarness {
  const { record, atMs } = saved(first);
  const call = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, record), startMs: atMs });
  rearm(call.actor, record.timers, atMs);
  call.send({ type: 'call.restored', epoch: 2 });
  return call;
}

describe('a transfer when its process dies', () => {
  it('S3 that had begun is never begun again: the model is told that nobody knows what came of it', async () => {
    const call = restoredFrom(await referring());
    expect(call.running()).not.toContain('transfer');
    expect(starts(call, 'tools')[0].resumed).toMatchObject([{ name: 'transfer_call', effect: 'once' }]);
    expect(starts(call, 'transfer')).toEqual([]);
  });

  it('S3 that was only announced is announced to the end after a word of excuse, and carried out', async () => {
    const first = await speaking();
    first.send({ type: 'call.transfer', person: 'frontDesk' });
    sounds(first, announcement, 4);
    const call = restoredFrom(first);
    expect(says(call)).toEqual(['Sorry for the pause.', 'through. Please stay on the line.']);
    await spoken(call, 'Sorry for the pause. through. Please stay on the line.');
    await call.clock.advance(delaysMs.transferBegins);
    expect(starts(call, 'transfer')).toMatchObject([{ to: 'frontDesk' }]);
  });
});
