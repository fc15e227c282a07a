import { describe, expect, it } from 'vitest';
import type { AgentFacts } from '../../src/machines/call/context.ts';
import { type CallHarness, deciding, spoken } from '../support/call-harness.ts';
import {
  begins,
  asked,
  finishes,
  hear,
  heard,
  listening,
  opening,
  playbacks,
  ringing,
  says,
  speaking,
  telling,
  voiceOff,
  voiceOn,
} from '../support/call-plays.ts';

const turns: readonly (readonly [string, () => Promise<CallHarness>])[] = [
  ['an answer', () => speaking()],
  ['the greeting', () => opening('greeting')],
  ['the disclosure', () => opening('disclosing')],
];

describe.each(turns)('the floor during %s', (_, play) => {
  it('S1 drops the voice at the caller’s first sound and goes on speaking', async () => {
    const call = await play();
    voiceOn(call);
    expect(call.is('bargeIn.ducked.voiced')).toBe(true);
    expect(playbacks(call).at(-1)).toBe('playback.duck');
    expect(call.running()).toContain('playback');
  });

  it('S1 a backchannel restores the voice, is noted, and is not told to the model', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(200);
    hear(call, 9, 'Mm-hm.');
    expect(call.is('bargeIn.ducked')).toBe(true);
    await call.clock.advance(100);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.is('.speaking')).toBe(true);
    expect(playbacks(call).at(-1)).toBe('playback.restore');
    expect(call.lines()).toContain('caller: Mm-hm. (backchannel)');
    expect(call.context().counts).toMatchObject({ backchannels: 1, bargeIns: 0 });
  });

  it('S1 words that are no backchannel take the floor at once', async () => {
    const call = await play();
    const { turn } = call.context();
    voiceOn(call);
    await call.clock.advance(150);
    hear(call, 9, 'Do you');
    expect(call.is('listening.callerTalking')).toBe(true);
    expect(call.running()).not.toContain('playback');
    expect(call.lines().at(-1)).toMatch(/ \/$/);
    expect(call.context()).toMatchObject({ turn, counts: { bargeIns: 1 } });
  });

  it.each(['stop', 'Wait.', 'стоп', 'yeah no'])('S1 the stop word “%s” takes the floor at once', async (word) => {
    const call = await play();
    voiceOn(call);
    hear(call, 9, word);
    expect(call.is('listening.callerTalking')).toBe(true);
  });

  it('S1 600 ms of voice silence the agent', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(599);
    expect(call.is('bargeIn.ducked')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('bargeIn.silent.voiced')).toBe(true);
    expect(playbacks(call).at(-1)).toBe('playback.pause');
  });

  it('S1 a cough restores the voice after 250 ms of quiet', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(200);
    voiceOff(call);
    await call.clock.advance(249);
    expect(call.is('ducked.hushed')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('.speaking')).toBe(true);
    expect(call.context().counts).toMatchObject({ backchannels: 0, bargeIns: 0 });
  });

  it('S1 our own echo restores the voice at once', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(300);
    voiceOff(call, true);
    expect(call.is('.speaking')).toBe(true);
    expect(playbacks(call).at(-1)).toBe('playback.restore');
  });

  it('S1 a key takes the floor at once', async () => {
    const call = await play();
    call.send({ type: 'caller.digit', digit: '5' });
    expect(call.is('listening.collectingDigits.between')).toBe(true);
    expect(call.running()).not.toContain('playback');
  });

  it('S1 voice that goes on and off is judged after 1,200 ms: on is a caller', async () => {
    const call = await play();
    for (let burst = 0; burst < 2; burst += 1) {
      voiceOn(call);
      await call.clock.advance(400);
      voiceOff(call);
      await call.clock.advance(100);
    }
    voiceOn(call);
    await call.clock.advance(199);
    expect(call.is('bargeIn.ducked')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('bargeIn.silent')).toBe(true);
    await call.clock.advance(20);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.resume', from: 'sample' });
  });

  it.each([
    [10, 'sample'],
    [300, 'word'],
    [1500, 'clause'],
  ])('S1 after %i ms of voice in silence and 250 of quiet it resumes from the %s', async (voicedMs, from) => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(600 + voicedMs);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.is('.speaking')).toBe(true);
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.resume', from });
  });

  it('S1 after two seconds of silence the caller is asked again', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(2600);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.is('replying.thinking')).toBe(true);
    expect(says(call).join(' ')).toContain('Could you say it again?');
    expect(call.lines().some((line) => line.endsWith(' /'))).toBe(true);
  });

  it('S1 nothing resumes while words are outstanding, for 600 ms at most', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(600);
    hear(call, 9, 'mm');
    await call.clock.advance(50);
    voiceOff(call);
    await call.clock.advance(599);
    expect(call.is('silent.hushed')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('.speaking')).toBe(true);
    expect(call.lines()).toContain('caller: mm (backchannel)');
  });

  it('S1 words that come in the silence take the floor', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(700);
    voiceOff(call);
    await call.clock.advance(100);
    hear(call, 9, 'Two nights please', true);
    expect(call.is('listening.settling')).toBe(true);
    expect(call.context().counts.bargeIns).toBe(1);
  });

  it('S1 a voice without words keeps the floor, and after 8 s it is taken', async () => {
    const call = await play();
    voiceOn(call);
    await call.clock.advance(8599);
    expect(call.is('bargeIn.silent.voiced')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('listening.callerTalking')).toBe(true);
  });
});

describe('the floor and questions', () => {
  it('S1 “yes” after a heard question is an answer although the agent goes on', async () => {
    const call = await speaking('Shall I book it? There is one left with a balcony for you.', 5);
    voiceOn(call);
    await call.clock.advance(200);
    hear(call, 9, 'Yes.', true);
    expect(call.is('listening.callerTalking')).toBe(true);
    await call.clock.advance(100);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(call.is('replying.thinking.confirmed')).toBe(true);
    expect(call.lines()).toContain('caller: Yes.');
    expect(call.context().counts).toMatchObject({ bargeIns: 1, backchannels: 0 });
  });

  it('S1 “yes” before the question was heard is a backchannel', async () => {
    const call = await speaking('There is one left with a balcony for you. Shall I book it?', 5);
    voiceOn(call);
    await call.clock.advance(200);
    hear(call, 9, 'Yes.', true);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.is('replying.speaking')).toBe(true);
    expect(call.lines()).toContain('caller: Yes. (backchannel)');
  });

  it('S1 “okay” into the last second is the caller’s next turn', async () => {
    const call = await speaking(telling, 10);
    voiceOn(call);
    await call.clock.advance(200);
    hear(call, 9, 'Okay.', true);
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.is('replying.speaking')).toBe(true);
    heard(call, 'and a balcony.', 4000);
    finishes(call);
    await call.clock.advance(1500);
    expect(call.lines()).toContain('caller: Okay.');
    expect(call.is('replying')).toBe(true);
  });

  it('S1 a backchannel that goes on as speech takes the floor with the new words only', async () => {
    const call = await speaking();
    voiceOn(call);
    await call.clock.advance(200);
    hear(call, 9, 'Okay.');
    voiceOff(call);
    await call.clock.advance(250);
    expect(call.context().counts.backchannels).toBe(1);
    hear(call, 9, 'Okay. But what about breakfast?', true);
    expect(call.is('listening.settling')).toBe(true);
    await call.clock.advance(1000);
    expect(call.lines()).toContain('caller: But what about breakfast?');
  });

  it('S1 the final of a noted backchannel changes nothing', async () => {
    const call = await speaking();
    voiceOn(call);
    await call.clock.advance(200);
    hear(call, 9, 'Yeah');
    voiceOff(call);
    await call.clock.advance(250);
    const { turn } = call.context();
    hear(call, 9, 'Yeah.', true);
    hear(call, 9, 'Right.', true);
    await call.clock.advance(2000);
    expect(call.is('replying.speaking')).toBe(true);
    expect(call.context().turn).toBe(turn);
    expect(call.lines().filter((line) => line.includes('backchannel'))).toHaveLength(1);
  });
});

describe('the floor before anything was heard', () => {
  it('S1 the agent does not begin into a sound, and begins 120 ms after it', async () => {
    const call = await asked();
    voiceOn(call);
    expect(playbacks(call).at(-1)).toBe('playback.pause');
    await call.clock.advance(300);
    voiceOff(call);
    await call.clock.advance(119);
    expect(playbacks(call).at(-1)).toBe('playback.pause');
    await call.clock.advance(1);
    expect(playbacks(call).at(-1)).toBe('playback.release');
    begins(call, 'Ninety euros.', 1);
    expect(call.is('replying.speaking')).toBe(true);
  });

  it('S1 a voice of 600 ms before the first sound goes on with the turn', async () => {
    const call = await asked();
    voiceOn(call);
    await call.clock.advance(600);
    expect(call.is('listening.callerTalking')).toBe(true);
    expect(call.context()).toMatchObject({ callerTurn: 0, counts: { bargeIns: 0 } });
    expect(call.context().pending.map(({ text }) => text)).toEqual(['What does a room cost?']);
  });
});

const isHeldBack = (call: CallHarness) => playbacks(call).at(-1) === 'playback.pause';

const overlapped = async () => {
  const call = await listening({ ears: [deciding] });
  voiceOn(call);
  call.send({ type: 'stt.turn_ended', utterance: 0, text: 'What does a room cost?' });
  return call;
};

describe('a voice that goes on when its turn has ended', () => {
  it('S1 is not talked over: the agent begins 120 ms after it stopped', async () => {
    const call = await overlapped();
    await call.clock.advance(100);
    expect(isHeldBack(call)).toBe(true);
    voiceOff(call);
    await call.clock.advance(119);
    expect(isHeldBack(call)).toBe(true);
    await call.clock.advance(1);
    expect(playbacks(call).at(-1)).toBe('playback.release');
  });

  it('S1 takes the floor by more words', async () => {
    const call = await overlapped();
    hear(call, 1, 'For two nights');
    expect(call.is('listening.callerTalking')).toBe(true);
    expect(call.running()).not.toContain('playback');
  });

  it('S1 is noise after 600 ms without words', async () => {
    const call = await overlapped();
    await call.clock.advance(600);
    expect(playbacks(call).at(-1)).toBe('playback.release');
  });
});

/** The greeting takes its time: whatever sound there was is long past. */
const greetedLongAgo = async (facts: Partial<AgentFacts> = {}) => {
  const call = ringing(facts);
  call.send({ type: 'caller.answered' });
  await spoken(call, call.context().agent.disclosure);
  await call.clock.advance(3000);
  await spoken(call, call.context().agent.greeting);
  return call;
};

describe('our own words, come back over the line', () => {
  const own = 'We have a room with a view of the lake and a balcony.';
  const echoed = async (text: string, words = 9) => {
    const call = await speaking(own, words);
    voiceOn(call);
    hear(call, 9, text);
    return call;
  };

  it.each(['view of', 'a view of the', 'room with a hue of', 'with A view, of the lake'])(
    'S1 “%s” is an echo: it takes no floor and is nobody’s turn',
    async (text) => {
      const call = await echoed(text, 10);
      expect(call.is('bargeIn.ducked')).toBe(true);
      expect(call.context().pending).toEqual([]);
    },
  );

  it.each(['view', 'stop a view', 'is there a view of the mountains too', 'lake the of'])(
    'S1 “%s” is the caller',
    async (text) => {
      const call = await echoed(text);
      expect(call.is('listening.callerTalking')).toBe(true);
    },
  );

  it('S1 the same words later are the caller’s', async () => {
    const call = await listening();
    await call.clock.advance(2000);
    voiceOn(call);
    hear(call, 0, 'Hotel Lindau, how can I help?');
    expect(call.context().pending).toHaveLength(1);
  });

  it.each(['Two nights.', 'for two nights'])(
    'S1 “%s” after “For one night or two nights?” is the answer',
    async (text) => {
      const call = await listening({ greeting: 'For one night or two nights?', ears: [deciding] });
      await call.clock.advance(250);
      voiceOn(call);
      await call.clock.advance(500);
      voiceOff(call);
      call.send({ type: 'stt.turn_ended', utterance: 0, text });
      expect(call.lines().at(-2)).toBe(`caller: ${text}`);
    },
  );

  it('S1 an answer that begins before our question has ended is one too', async () => {
    const call = await opening('greeting');
    call.send({
      type: 'playback.heard',
      turn: call.context().turn,
      words: ['one', 'or', 'two', 'nights?'],
      heardMs: 2000,
    });
    voiceOn(call);
    call.send({ type: 'playback.heard', turn: call.context().turn, words: [], heardMs: 2100 });
    hear(call, 9, 'two nights');
    expect(call.is('listening.callerTalking')).toBe(true);
  });

  it('S1 at the very end of what we said they are no turn either, nor when the transcriber has done with them', async () => {
    const call = await greetedLongAgo({ ears: [deciding] });
    await call.clock.advance(400);
    hear(call, 0, 'how can I help');
    await call.clock.advance(1300);
    call.send({ type: 'stt.turn_ended', utterance: 0, text: 'How can I help?' });
    expect(call.is('listening.quiet')).toBe(true);
    expect(call.context().pending).toEqual([]);
  });

  it('S1 at the very end of what we said they are no turn either', async () => {
    const call = await greetedLongAgo();
    await call.clock.advance(400);
    hear(call, 0, 'how can I help', true);
    expect(call.is('listening.quiet')).toBe(true);
  });
});
