import type { AnyStateNode } from 'xstate';
import { describe, expect, it } from 'vitest';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { callerSays, deciding, spoken } from '../support/call-harness.ts';
import {
  asked,
  asks,
  begins,
  finishes,
  hear,
  heard,
  listening,
  ringing,
  says,
  sounds,
  speaking,
  starts,
  voiceOff,
  voiceOn,
  wants,
  why,
} from '../support/call-plays.ts';
import { isTransient, nodesOf } from '../support/state-nodes.ts';

const callerLines = (lines: readonly string[]) => lines.filter((line) => line.startsWith('caller:'));

describe('a turn of the caller', () => {
  it('D4.1 that goes on before 300 ms of the answer were heard is one turn, and the answer leaves no trace', async () => {
    const call = await asked('I would like a room');
    await call.clock.advance(600);
    begins(call, 'Of course, for how long?', 0);
    heard(call, 'Of', 250);
    voiceOn(call);
    hear(call, 1, 'for two nights');
    expect(call.is('listening.callerTalking')).toBe(true);
    expect(call.lines()).toHaveLength(2);
    hear(call, 1, 'for two nights.', true);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(callerLines(call.lines())).toEqual(['caller: I would like a room for two nights.']);
    expect(call.context()).toMatchObject({ callerTurn: 1, counts: { bargeIns: 0 } });
    expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({
      role: 'user',
      text: 'I would like a room for two nights.',
    });
  });

  it('D4.1 that goes on after 300 ms is a barge-in: what was heard stays, as cut', async () => {
    const call = await asked('I would like a room.');
    begins(call, 'Of course, for how long?', 0);
    heard(call, 'Of', 300);
    voiceOn(call);
    hear(call, 1, 'for two nights', true);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(call.lines().slice(2)).toEqual([
      'caller: I would like a room.',
      'agent: Of /',
      'caller: for two nights',
      'agent: ',
    ]);
    expect(call.context().counts.bargeIns).toBe(1);
    expect(
      starts(call, 'think')
        .at(-1)
        .messages.map((each: any) => each.text),
    ).toContain('Of —');
  });

  it('D4.1 each turn of the agent has a number of its own, also when one leaves no trace', async () => {
    const call = await asked('I would like a room');
    await call.clock.advance(600);
    const first = call.context().turn;
    hear(call, 1, 'with a view', true);
    await call.clock.advance(1500);
    expect(call.context().turn).toBeGreaterThan(first);
  });
});

describe('finals', () => {
  it.each([
    ['doubled', 'What does a room cost?'],
    ['written otherwise', 'what does a room cost'],
    ['empty', ''],
  ])('D4.1 one that is %s starts no second turn', async (_, text) => {
    const call = await speaking();
    const { turn } = call.context();
    hear(call, 0, text, true);
    await call.clock.advance(3000);
    expect(call.is('replying.speaking')).toBe(true);
    expect(call.context().turn).toBe(turn);
    expect(callerLines(call.lines())).toEqual(['caller: What does a room cost?']);
  });

  it('D4.1 a changed one amends its own turn while the answer is spoken', async () => {
    const call = await speaking();
    const { turn } = call.context();
    hear(call, 0, 'What did a room cost?', true);
    await call.clock.advance(3000);
    expect(call.context().turn).toBe(turn);
    expect(callerLines(call.lines())).toEqual(['caller: What did a room cost?']);
  });

  it('D4.1 a changed one before anything was heard asks the model again, once', async () => {
    const call = await asked();
    const before = starts(call, 'think').length;
    hear(call, 0, 'What does a broom cost?', true);
    expect(call.is('replying.thinking.confirmed')).toBe(true);
    expect(starts(call, 'think')).toHaveLength(before + 1);
    expect(starts(call, 'think').at(-1).messages.at(-1).text).toBe('What does a broom cost?');
    expect(callerLines(call.lines())).toHaveLength(1);
    expect(call.lines().filter((line) => line === 'agent: ')).toHaveLength(1);
  });

  it('D4.1 a late one in the next silence starts no turn', async () => {
    const call = await speaking();
    finishes(call);
    expect(call.is('listening.quiet')).toBe(true);
    hear(call, 0, 'What does a room cost?', true);
    await call.clock.advance(3000);
    expect(call.is('listening.quiet')).toBe(true);
  });

  it('D4.1 one that is empty takes back no interim words', async () => {
    const call = await listening();
    voiceOn(call);
    hear(call, 0, 'Two nights please.');
    voiceOff(call);
    hear(call, 0, '', true);
    await call.clock.advance(1000);
    expect(callerLines(call.lines())).toEqual(['caller: Two nights please.']);
  });
});

describe('tentative thinking', () => {
  it('D4.1 is tried twice a turn at most', async () => {
    const call = await listening();
    const before = starts(call, 'think').length;
    voiceOn(call);
    for (const [utterance, text] of [
      [0, 'I would like'],
      [1, 'a room'],
      [2, 'for two'],
    ] as const) {
      hear(call, utterance, text, true);
      call.send({ type: 'stt.turn_maybe_ended', utterance, text });
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(50);
    }
    expect(starts(call, 'think')).toHaveLength(before + 2);
    expect(call.is('listening')).toBe(true);
    expect(call.lines()).toHaveLength(2);
    voiceOff(call);
    await call.clock.advance(2000);
    expect(callerLines(call.lines())).toEqual(['caller: I would like a room for two']);
    expect(starts(call, 'think')).toHaveLength(before + 3);
  });

  it('D4.1 tools wait until the turn is certain', async () => {
    const call = await listening();
    await callerSays(call, 0, 'What does a room cost?');
    wants(call, 'room_price', { nights: 2 });
    expect(call.is('thinking.tentative')).toBe(true);
    expect(call.running()).not.toContain('tools');
    await call.clock.advance(250);
    expect(call.running()).toContain('tools');
  });

  it('D4.1 tools of a turn that went on never run', async () => {
    const call = await listening();
    await callerSays(call, 0, 'What does a room cost?');
    wants(call, 'room_price', { nights: 2 });
    hear(call, 1, 'for three nights');
    expect(call.is('listening')).toBe(true);
    expect(call.running()).not.toContain('reply');
    await call.clock.advance(1000);
    expect(call.is('thinking.confirmed')).toBe(true);
    expect(starts(call, 'tools')).toEqual([]);
  });

  it('D4.1 a new voice alone holds it back, and does not end it before 600 ms', async () => {
    const call = await listening();
    await callerSays(call, 0, 'What does a room cost?');
    voiceOn(call);
    await call.clock.advance(500);
    expect(call.is('thinking.tentative.voiced')).toBe(true);
    voiceOff(call);
    await call.clock.advance(2500);
    expect(call.is('thinking.confirmed')).toBe(true);
  });

  it('D4.1 an agent that does not speculate thinks only when the turn is certain', async () => {
    const call = await listening({ speculate: false });
    const before = starts(call, 'think').length;
    await callerSays(call, 0, 'What does a room cost?');
    await call.clock.advance(100);
    expect(starts(call, 'think')).toHaveLength(before);
    await call.clock.advance(200);
    expect(call.is('replying.thinking.confirmed')).toBe(true);
  });
});

describe('commit times by text', () => {
  it.each([
    ['What does a room cost?', 350],
    ['I would like a room', 700],
    ['I would like a room and', 1300],
    ['my number is four five', 1500],
  ])('D4.1 “%s” is certain %i ms after the last sound', async (text, ms) => {
    const call = await listening();
    await callerSays(call, 0, text);
    await call.clock.advance(ms - 150 - 1);
    expect(call.is('thinking.confirmed')).toBe(false);
    await call.clock.advance(1);
    expect(call.is('thinking.confirmed')).toBe(true);
  });
});

describe('a transcriber that decides', () => {
  const flux = { ears: [deciding] };

  it('D4.1 R9.1 its eager verdict begins an answer, its end confirms it', async () => {
    const call = await listening(flux);
    voiceOn(call);
    hear(call, 0, 'What does a room cost?');
    call.send({ type: 'stt.turn_maybe_ended', utterance: 0, text: 'What does a room cost?' });
    expect(call.is('thinking.tentative')).toBe(true);
    call.send({ type: 'stt.turn_ended', utterance: 0, text: 'What does a room cost?' });
    expect(call.is('thinking.confirmed')).toBe(true);
    expect(callerLines(call.lines())).toHaveLength(1);
  });

  it('D4.1 a turn that is resumed leaves no trace of the answer', async () => {
    const call = await listening(flux);
    voiceOn(call);
    call.send({ type: 'stt.turn_maybe_ended', utterance: 0, text: 'What does a room' });
    call.send({ type: 'stt.turn_resumed', utterance: 0 });
    expect(call.is('listening.callerTalking')).toBe(true);
    expect(call.lines()).toHaveLength(2);
    call.send({ type: 'stt.turn_ended', utterance: 0, text: 'What does a room cost?' });
    expect(callerLines(call.lines())).toEqual(['caller: What does a room cost?']);
    expect(call.is('thinking.confirmed')).toBe(true);
  });

  it('D4.1 quiet alone does not decide, until the verdict is missing', async () => {
    const call = await listening(flux);
    voiceOn(call);
    hear(call, 0, 'What does a room cost?');
    voiceOff(call);
    await call.clock.advance(800);
    expect(call.is('listening.settling')).toBe(true);
    await call.clock.advance(300);
    expect(call.is('thinking.tentative')).toBe(true);
    await call.clock.advance(3000);
    expect(call.is('thinking.confirmed')).toBe(true);
  });

  it('D4.1 its verdict on an interruption takes the floor', async () => {
    const call = await listening(flux);
    call.send({ type: 'stt.turn_ended', utterance: 0, text: 'What does a room cost?' });
    begins(call, 'We have a room with a view of the lake.');
    call.send({ type: 'stt.turn_ended', utterance: 1, text: 'And breakfast?' });
    expect(callerLines(call.lines())).toHaveLength(2);
    expect(call.is('replying.thinking')).toBe(true);
  });
});

describe('silence', () => {
  it('D4.3 asks after 7 s and 7 s, then says goodbye and hangs up', async () => {
    const call = await listening();
    for (const _ of [1, 2]) {
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(6999);
      expect(call.is('listening.quiet')).toBe(true);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(1);
      expect(says(call).at(-1)).toBe('Are you still there?');
      // oxlint-disable-next-line no-await-in-loop
      await spoken(call, 'Are you still there?');
    }
    await call.clock.advance(5000);
    expect(says(call).at(-1)).toBe('Thank you for calling. Goodbye.');
    await spoken(call, 'Thank you for calling. Goodbye.');
    expect(call.is('closing.lastWord')).toBe(true);
    await call.clock.advance(1000);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('caller silent');
  });

  it('D4.3 a caller who speaks is asked anew', async () => {
    const call = await listening();
    await call.clock.advance(7000);
    await spoken(call, 'Are you still there?');
    await asks(call, 0, 'Yes, I am here.');
    expect(call.context().nudges).toBe(0);
  });

  it('D4.3 a caller who answers the goodbye with a question is answered', async () => {
    const call = await listening();
    await call.clock.advance(7000);
    await spoken(call, 'Are you still there?');
    await call.clock.advance(7000);
    await spoken(call, 'Are you still there?');
    await call.clock.advance(5000);
    await spoken(call, 'Thank you for calling. Goodbye.');
    await asks(call, 0, 'What about breakfast?');
    expect(call.is('replying')).toBe(true);
    expect(call.context().why).toBeUndefined();
  });

  it('D4.1 “hold on” is answered by silence for 60 s, then by a question', async () => {
    const call = await listening();
    const before = starts(call, 'think').length;
    await callerSays(call, 0, 'Hold on a second.');
    await call.clock.advance(1000);
    expect(call.is('listening.away')).toBe(true);
    expect(starts(call, 'think')).toHaveLength(before);
    await call.clock.advance(58_000);
    expect(call.is('listening.away')).toBe(true);
    await call.clock.advance(2000);
    expect(says(call).at(-1)).toBe('Are you still there?');
  });

  it('D4.1 a caller who is back is answered', async () => {
    const call = await listening();
    await callerSays(call, 0, 'Hold on a second.');
    await call.clock.advance(10_000);
    await asks(call, 1, 'What does a room cost?');
    expect(call.is('replying')).toBe(true);
    expect(callerLines(call.lines())).toEqual(['caller: Hold on a second.', 'caller: What does a room cost?']);
  });

  it('D4.1 a voice without any words is asked to repeat, once', async () => {
    const call = await listening();
    const mumble = async () => {
      voiceOn(call);
      await call.clock.advance(1000);
      voiceOff(call);
      await call.clock.advance(2000);
    };
    await mumble();
    expect(says(call).at(-1)).toContain('Could you say it again?');
    await spoken(call, 'I did not catch that.');
    await mumble();
    expect(call.is('listening.quiet')).toBe(true);
  });

  it('D4.1 noise that never ends does not keep words from being answered', async () => {
    const call = await listening();
    voiceOn(call);
    hear(call, 0, 'Two nights please.', true);
    await call.clock.advance(2500);
    expect(call.is('replying')).toBe(true);
  });
});

describe('the opening', () => {
  it('D4.1 the unheard rest of a disclosure is said before anything else', async () => {
    const call = ringing();
    call.send({ type: 'caller.answered' });
    sounds(call, 'You are speaking with an AI assistant.', 3);
    voiceOn(call);
    hear(call, 0, 'What does a room cost?', true);
    voiceOff(call);
    await call.clock.advance(500);
    expect(says(call).at(-1)).toBe('with an AI assistant.');
    begins(call, 'Ninety euros.', 0);
    expect(says(call).slice(-2)).toEqual(['with an AI assistant.', 'Ninety euros.']);
    heard(call, 'with an AI assistant. Ninety', 2000);
    voiceOn(call);
    hear(call, 1, 'For two nights?', true);
    voiceOff(call);
    await call.clock.advance(500);
    begins(call, 'Yes.', 0);
    expect(says(call).at(-1)).toBe('Yes.');
    expect(says(call).at(-2)).toBe('Ninety euros.');
  });
});

describe('a verdict of the transcriber', () => {
  const talking = nodesOf(bareCall.root).find((node) => node.path.join('.') === 'live.conversation.talking')!;

  const answers = (node: AnyStateNode): boolean =>
    node !== talking && (node.transitions.has('caller.turn_ended') || answers(node.parent!));

  it('S1 that the turn has ended is answered for in every state of talking', () => {
    const lasting = nodesOf(talking).filter((node) => node.type === 'atomic' && !isTransient(node));
    expect(lasting.length).toBeGreaterThan(30);
    expect(lasting.filter((node) => !answers(node)).map((node) => node.path.join('.'))).toEqual([]);
  });
});

describe('how long the caller has waited already', () => {
  it.each([
    ['a whole sentence', 'What does a room cost?', 350, 900],
    ['an unfinished one', 'I would like a room and', 1300, 300],
  ] as const)('S1 shortens the time to the first filler: %s', async (_, text, waitedMs, left) => {
    const call = await listening({ speculate: false });
    voiceOn(call);
    hear(call, 0, text, true);
    await call.clock.advance(500);
    voiceOff(call);
    const filled = () => says(call).includes(call.context().agent.phrases.filler);
    await call.clock.advance(call.context().lastSoundAt + waitedMs - call.clock.now());
    expect(starts(call, 'think')).toHaveLength(1);
    await call.clock.advance(left - 1);
    expect(filled()).toBe(false);
    await call.clock.advance(1);
    expect(filled()).toBe(true);
  });
});
