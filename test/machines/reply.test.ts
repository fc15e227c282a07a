import { describe, expect, it } from 'vitest';
import { toolKey } from '../../src/machines/reply/input.ts';
import { type CallHarness, callerSays, spoken } from '../support/call-harness.ts';
import {
  asked,
  asks,
  begins,
  failure,
  finishes,
  hear,
  listening,
  opening,
  says,
  sounds,
  starts,
  voiceOff,
  voiceOn,
  wants,
  why,
} from '../support/call-plays.ts';

const clause = (call: CallHarness, text: string) => call.report('think', { type: 'model.clause', text });
const modelFails = (call: CallHarness, retryable = true) =>
  call.report('think', { type: 'model.failed', failure: { ...failure, retryable } });

const filler = 'One moment, please.';
const apology = 'I am sorry, something went wrong on our side.';
const answers = (call: CallHarness) => says(call).slice(2);

describe('the model', () => {
  it('D4.1 that is slow is covered by a filler after 1.2 s, and its answer follows', async () => {
    const call = await asked();
    await call.clock.advance(800);
    expect(answers(call)).toEqual([]);
    await call.clock.advance(400);
    expect(answers(call)).toEqual([filler]);
    clause(call, 'Ninety euros.');
    expect(answers(call)).toEqual([filler, 'Ninety euros.']);
    expect(call.context().history.at(-1)).toMatchObject({ owed: `${filler} Ninety euros.` });
  });

  it('D4.1 that fails is asked once more, then an apology is said', async () => {
    const call = await asked();
    const before = starts(call, 'think').length;
    modelFails(call);
    await call.clock.advance(100);
    expect(starts(call, 'think')).toHaveLength(before + 1);
    modelFails(call);
    await call.clock.advance(2000);
    expect(starts(call, 'think')).toHaveLength(before + 1);
    expect(answers(call)).toEqual([apology]);
    expect(call.commands('speak').at(-1)).toEqual({ type: 'voice.end' });
    expect(call.context().history.at(-1)).toMatchObject({ troubled: 'model' });
  });

  it('D4.1 that fails once answers at its second try', async () => {
    const call = await asked();
    modelFails(call);
    await call.clock.advance(100);
    begins(call, 'Ninety euros.', 2);
    finishes(call);
    expect(answers(call)).toEqual(['Ninety euros.']);
    expect(call.context().troubles).toBe(0);
  });

  it('D4.1 that refuses for good is not asked again', async () => {
    const call = await asked();
    const before = starts(call, 'think').length;
    modelFails(call, false);
    expect(answers(call)).toEqual([apology]);
    await call.clock.advance(1000);
    expect(starts(call, 'think')).toHaveLength(before);
  });

  it('D4.1 that says nothing at all is given up after a filler', async () => {
    const call = await asked();
    await call.clock.advance(3400);
    expect(answers(call)).toEqual([filler, apology]);
    expect(call.running()).not.toContain('think');
  });

  it('D4.1 that stalls in mid-sentence is given up after 2 s, with an apology', async () => {
    const call = await asked();
    clause(call, 'We have a room, ');
    sounds(call, 'We have a room,', 4);
    await call.clock.advance(1999);
    expect(answers(call)).toEqual(['We have a room,']);
    await call.clock.advance(1);
    expect(answers(call)).toEqual(['We have a room,', apology]);
    expect(call.is('replying.speaking')).toBe(true);
  });

  it('D4.1 that breaks after its first words is not asked again: they were heard', async () => {
    const call = await asked();
    const before = starts(call, 'think').length;
    clause(call, 'We have a room, ');
    modelFails(call);
    await call.clock.advance(500);
    expect(starts(call, 'think')).toHaveLength(before);
    expect(answers(call)).toEqual(['We have a room,', apology]);
  });

  it('D4.1 that ends without a word is a failure', async () => {
    const call = await asked();
    call.report('think', { type: 'model.finished', reason: 'stop' });
    expect(answers(call)).toEqual([apology]);
  });
});

describe('the voice', () => {
  it('D4.1 that is silent for 1 s is replaced by a stored phrase', async () => {
    const call = await asked();
    clause(call, 'Ninety euros.');
    call.report('think', { type: 'model.finished', reason: 'stop' });
    call.report('speak', { type: 'voice.requested' });
    await call.clock.advance(999);
    expect(call.running()).not.toContain('clip');
    await call.clock.advance(1);
    expect(starts(call, 'clip')).toEqual([
      { turn: call.context().turn, language: 'en', texts: [apology], goesOn: false },
    ]);
    expect(call.running()).not.toContain('speak');
    expect(call.context().history.at(-1)).toMatchObject({ troubled: 'voice' });
  });

  it('D4.1 that fails in mid-sentence is replaced at once', async () => {
    const call = await asked();
    begins(call, 'Ninety euros and breakfast.', 2);
    call.report('speak', { type: 'voice.failed', failure });
    expect(call.running()).toContain('clip');
    call.report('clip', { type: 'clip.played_out', text: apology });
    call.send({ type: 'playback.heard', turn: call.context().turn, words: apology.split(' '), heardMs: 4000 });
    finishes(call);
    expect(call.is('listening.quiet')).toBe(true);
    expect(call.lines().at(-1)).toBe(`agent: Ninety euros ${apology}`);
    expect(call.context().troubles).toBe(1);
  });

  it('D4.1 that starves the caller while words are owed is replaced after 800 ms', async () => {
    const call = await asked();
    begins(call, 'Ninety euros and breakfast.', 2);
    call.send({ type: 'playback.starved', turn: call.context().turn });
    await call.clock.advance(799);
    expect(call.running()).not.toContain('clip');
    await call.clock.advance(1);
    expect(call.running()).toContain('clip');
  });

  it('D4.1 that starves the caller because the model is slow is filled', async () => {
    const call = await asked();
    clause(call, 'Let me see, ');
    sounds(call, 'Let me see,', 3);
    call.send({ type: 'playback.starved', turn: call.context().turn });
    await call.clock.advance(800);
    expect(answers(call)).toEqual(['Let me see,', filler]);
    expect(call.running()).not.toContain('clip');
  });

  it('D4.1 that catches up is not replaced', async () => {
    const call = await asked();
    begins(call, 'Ninety euros and breakfast.', 2);
    call.send({ type: 'playback.starved', turn: call.context().turn });
    expect(call.commands('speak').at(-1)).toEqual({ type: 'voice.listen' });
    await call.clock.advance(500);
    call.report('speak', { type: 'voice.first_audio' });
    await call.clock.advance(2000);
    expect(call.running()).not.toContain('clip');
  });

  it('D4.1 that never comes in the greeting is replaced by a stored phrase within 2.5 s', async () => {
    const call = await opening('disclosing');
    finishes(call);
    expect(call.is('opening.greeting')).toBe(true);
    await call.clock.advance(2500);
    expect(starts(call, 'clip')).toHaveLength(1);
  });

  it('D4.1 that fails in two turns in a row ends the call with a stored goodbye', async () => {
    const call = await listening();
    for (const turn of [0, 1]) {
      // oxlint-disable-next-line no-await-in-loop
      await asks(call, turn, 'What does a room cost?');
      call.report('speak', { type: 'voice.failed', failure });
      // oxlint-disable-next-line no-await-in-loop
      await spoken(call, apology);
    }
    expect(call.is('closing.farewell')).toBe(true);
    call.report('speak', { type: 'voice.failed', failure });
    expect(starts(call, 'clip').at(-1).texts).toEqual(['Thank you for calling. Goodbye.']);
    await spoken(call, 'Thank you for calling. Goodbye.');
    await call.clock.advance(1000);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('no voice');
  });

  it('D4.1 one answer without trouble ends the row', async () => {
    const call = await listening();
    await asks(call, 0, 'What does a room cost?');
    call.report('speak', { type: 'voice.failed', failure });
    await spoken(call, apology);
    expect(call.context().troubles).toBe(1);
    await asks(call, 1, 'What does a room cost?');
    begins(call, 'Ninety euros.', 2);
    finishes(call);
    expect(call.context().troubles).toBe(0);
  });

  it('D4.1 a turn of which nothing is ever heard is asked again, twice at most', async () => {
    const call = await asked();
    for (let round = 0; round < 2; round += 1) {
      expect(call.is('replying.thinking.confirmed')).toBe(true);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(5000);
    }
    expect(call.is('closing.farewell')).toBe(true);
  });
});

const started = (call: CallHarness, more: object = {}) => {
  const [{ id, key, name }] = starts(call, 'tools').at(-1).calls;
  call.report('tools', { type: 'tool.started', id, key, name, effect: 'once', ...more });
  return { id, key, name };
};

const result = (call: CallHarness, tool: object, text = '{"euros":90}') => {
  call.report('tools', { type: 'tool.finished', ...tool, ok: true, text });
  call.report('tools', { type: 'tools.finished' });
};

describe('tools', () => {
  it('S1 run, and the model is told what came of them', async () => {
    const call = await asked();
    clause(call, 'Let me see. ');
    wants(call, 'room_price', { nights: 2 });
    const tool = started(call);
    expect(call.context().history.at(-1)).toMatchObject({ who: 'tool', name: 'room_price', input: '{"nights":2}' });
    result(call, tool);
    expect(call.context().history.at(-1)).toMatchObject({ ok: true, text: '{"euros":90}' });
    expect(starts(call, 'think').at(-1).messages.slice(-2)).toEqual([
      { role: 'assistant', text: 'Let me see. ', toolCalls: [{ id: 'c1', name: 'room_price', input: '{"nights":2}' }] },
      { role: 'tool', callId: 'c1', text: '{"euros":90}' },
    ]);
    expect(call.context().counts.tools).toBe(1);
  });

  it('S1 that are slow are covered by their own words, again and again', async () => {
    const call = await asked();
    wants(call, 'room_price', { nights: 2 });
    started(call, { meanwhile: 'I ask the desk.' });
    await call.clock.advance(1200);
    expect(answers(call)).toEqual(['I ask the desk.']);
    sounds(call, 'I ask the desk.', 4);
    call.send({ type: 'playback.starved', turn: call.context().turn });
    await call.clock.advance(1500);
    expect(answers(call)).toEqual(['I ask the desk.', 'I ask the desk.']);
  });

  it('S1 without such words are covered by the general filler', async () => {
    const call = await asked();
    wants(call, 'room_price', { nights: 2 });
    started(call);
    await call.clock.advance(1200);
    expect(answers(call)).toEqual([filler]);
  });

  it('S1 that are quick, one after the other, are covered too', async () => {
    const call = await asked();
    clause(call, 'Let me see. ');
    wants(call, 'room_price', { round: 0 });
    sounds(call, 'Let me see.', 3);
    call.send({ type: 'playback.starved', turn: call.context().turn });
    for (let round = 1; round < 3; round += 1) {
      result(call, started(call));
      await call.clock.advance(700);
      wants(call, 'room_price', { round });
    }
    expect(answers(call).slice(0, 2)).toEqual(['Let me see.', filler]);
  });

  it('S1 asked in round after round are ended with an apology', async () => {
    const call = await asked();
    for (let round = 0; round < 5; round += 1) {
      wants(call, 'room_price', { round });
      result(call, started(call));
    }
    wants(call, 'room_price', { round: 5 });
    expect(answers(call)).toEqual([apology]);
    expect(starts(call, 'tools')).toHaveLength(5);
  });

  it('S1 that give no result within 30 s are given up with an apology', async () => {
    const call = await asked();
    wants(call, 'room_price', {});
    started(call);
    sounds(call, filler, 1);
    await call.clock.advance(30_000);
    expect(answers(call).at(-1)).toBe(apology);
  });

  it('S1 whose result the caller did not wait for are looked up in the next turn', async () => {
    const call = await asked();
    clause(call, 'Let me see. ');
    wants(call, 'book', { nights: 2 });
    const { key } = started(call);
    sounds(call, 'Let me see.', 3);
    voiceOn(call);
    hear(call, 1, 'Is it quiet?', true);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(starts(call, 'tools').at(-1)).toMatchObject({ calls: [], resumed: [{ id: 'c1', key, name: 'book' }] });
    call.report('tools', { type: 'tool.finished', id: 'c1', key, name: 'book', ok: true, text: 'booked' });
    call.report('tools', { type: 'tools.finished' });
    const { messages } = starts(call, 'think').at(-1);
    expect(messages.slice(-2)).toEqual([
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'book', input: '{"nights":2}' }] },
      { role: 'tool', callId: 'c1', text: 'booked' },
    ]);
    // Once: the next round asks for nothing left over.
    wants(call, 'room_price', {}, 'c2');
    expect(starts(call, 'tools').at(-1)).toMatchObject({ calls: [{ id: 'c2' }], resumed: [] });
    expect(call.context().history.filter((line) => line.who === 'tool')).toHaveLength(1);
  });

  it('S1 that may be broken off are not begun again for a new question, which does not wait for them', async () => {
    const call = await asked();
    clause(call, 'Let me see. ');
    wants(call, 'room_price', { nights: 2 });
    started(call, { effect: 'none' });
    sounds(call, 'Let me see.', 3);
    voiceOn(call);
    hear(call, 1, 'Is it quiet?', true);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(starts(call, 'tools')).toHaveLength(1);
    expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({ role: 'user', text: 'Is it quiet?' });
    // Nor when the call is taken over later: that question is past.
    call.send({ type: 'call.restored', epoch: 2 });
    expect(starts(call, 'tools')).toHaveLength(1);
  });

  it('S1 of the question that is being answered run again when the call is taken over', async () => {
    const call = await asked();
    wants(call, 'room_price', { nights: 2 });
    const { key } = started(call, { effect: 'none' });
    call.send({ type: 'call.restored', epoch: 2 });
    await call.clock.advance(1000);
    expect(starts(call, 'tools').at(-1)).toMatchObject({ calls: [], resumed: [{ key, effect: 'none' }] });
  });

  it('S1 results of this call are known to those who run them', async () => {
    const call = await asked();
    wants(call, 'room_price', {});
    const tool = started(call);
    result(call, tool);
    begins(call, 'Ninety euros.', 2);
    finishes(call);
    await asks(call, 1, 'And breakfast?');
    wants(call, 'breakfast', {}, 'c2');
    expect(starts(call, 'tools').at(-1).known).toEqual([{ key: tool.key, ok: true, text: '{"euros":90}' }]);
  });

  it('S1 the same wish has the same key, however it is written, and another in another turn', async () => {
    const call = await asked();
    const input = { callKey: 'room~SCL_1', callerTurn: 1 } as never;
    wants(call, 'book', { nights: 2, view: { lake: true, hill: false } });
    const { key } = starts(call, 'tools').at(-1).calls[0];
    const name = 'book';
    expect(toolKey(input, { id: 'x', name, input: ' {"view":{"hill":false,"lake":true},"nights":2}' })).toBe(key);
    expect(toolKey(input, { id: 'x', name, input: '{"nights":3}' })).not.toBe(key);
    expect(toolKey({ callKey: 'room~SCL_1', callerTurn: 2 } as never, { id: 'x', name, input: '{}' })).not.toBe(key);
  });

  it('S1 a key has 200 characters at most, and long wishes are still told apart', () => {
    const input = { callKey: 'room~SCL_1', callerTurn: 1 } as never;
    const keys = ['a', 'b'].map((end) =>
      toolKey(input, { id: 'x', name: 'note', input: JSON.stringify({ text: `${'🎻 '.repeat(500)}${end}` }) }),
    );
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) {
      expect(key.length).toBeLessThanOrEqual(200);
      expect(key.isWellFormed()).toBe(true);
    }
  });

  it('S1 said while the turn is only probable, they are forgotten with it', async () => {
    const call = await listening();
    await callerSays(call, 0, 'Book it.');
    wants(call, 'book', {});
    hear(call, 1, 'No, not yet', true);
    await call.clock.advance(1000);
    expect(starts(call, 'tools')).toEqual([]);
    expect(starts(call, 'think').at(-1).messages.at(-1).text).toBe('Book it. No, not yet');
  });
});

describe('keys that the agent presses', () => {
  it('S1 are a tool that runs once, kept in the history, and the turn ends with them', async () => {
    const call = await asked();
    clause(call, 'Wait. ');
    wants(call, 'send_digits', { digits: '12#' });
    const before = starts(call, 'think').length;
    const tool = started(call);
    expect(call.context().history.at(-1)).toMatchObject({ who: 'tool', effect: 'once', input: '{"digits":"12#"}' });
    result(call, tool, 'pressed');
    expect(call.context().history.at(-1)).toMatchObject({ who: 'tool', ok: true, text: 'pressed' });
    expect(starts(call, 'think')).toHaveLength(before);
    expect(call.commands('speak').at(-1)).toEqual({ type: 'voice.end' });
  });

  it('S1 are not talked into, however long they take', async () => {
    const call = await asked();
    wants(call, 'send_digits', { digits: '1234567890#' });
    const tool = started(call);
    await call.clock.advance(4000);
    sounds(call, '', 0);
    call.send({ type: 'playback.starved', turn: call.context().turn });
    await call.clock.advance(4000);
    expect(answers(call)).toEqual([]);
    result(call, tool, 'pressed');
    expect(answers(call)).toEqual([]);
  });

  it('S1 that cannot be pressed are told to the model, which is asked what now', async () => {
    const call = await asked();
    wants(call, 'send_digits', { digits: '12#' });
    const tool = started(call);
    call.report('tools', { type: 'tool.finished', ...tool, ok: false, text: 'not in the room' });
    call.report('tools', { type: 'tools.finished' });
    expect(starts(call, 'think').at(-1).messages.slice(-2)).toEqual([
      { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'send_digits', input: '{"digits":"12#"}' }] },
      { role: 'tool', callId: 'c1', text: 'not in the room' },
    ]);
  });

  it('S1 are asked after, and not pressed again, when the call is taken over meanwhile', async () => {
    const call = await asked();
    wants(call, 'send_digits', { digits: '12#' });
    const { key } = started(call);
    call.send({ type: 'call.restored', epoch: 2 });
    await call.clock.advance(1000);
    expect(starts(call, 'tools').at(-1)).toMatchObject({ calls: [], resumed: [{ key, effect: 'once' }] });
    call.report('tools', { type: 'tool.finished', id: 'c1', key, name: 'send_digits', ok: false, text: 'unclear' });
    call.report('tools', { type: 'tools.finished' });
    expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({ role: 'tool', callId: 'c1', text: 'unclear' });
  });

  it('S1 have the key of the first time when the same turn is answered anew', async () => {
    const call = await listening();
    await asks(call, 0, 'Press one.');
    wants(call, 'send_digits', { digits: '1' });
    const { key } = started(call);
    hear(call, 1, 'and two', true);
    await call.clock.advance(2000);
    expect(starts(call, 'tools').at(-1)).toMatchObject({ calls: [], resumed: [{ key }] });
    result(call, { id: 'c1', key, name: 'send_digits' }, 'pressed');
    expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({ role: 'tool', callId: 'c1', text: 'pressed' });
    wants(call, 'send_digits', { digits: '1' }, 'c2');
    expect(starts(call, 'tools').at(-1)).toMatchObject({ calls: [{ key }] });
  });
});
