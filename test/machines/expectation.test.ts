import { describe, expect, it } from 'vitest';
import { expectedNext } from '../../src/machines/call/expectation.ts';
import type { HistoryLine } from '../../src/machines/call/context.ts';
import { spoken } from '../support/call-harness.ts';
import { asked, begins, failure, finishes, heard, listening, starts } from '../support/call-plays.ts';

const after = (text: string) => {
  const line = { who: 'agent', turn: 1, ask: 'answer', at: 0, owed: text, heardMs: 0, cut: false, finished: true };
  return expectedNext({ history: [{ ...line, heard: text.split(' ') } as HistoryLine] });
};

describe('what the caller is likely to say next', () => {
  it.each([
    ['Shall I book it?', 'yesNo'],
    ['We have a room with a view. Would you like to take it?', 'yesNo'],
    ['Möchten Sie das Zimmer buchen?', 'yesNo'],
    ['Хотите забронировать?', 'yesNo'],
    ['What is your booking number?', 'digits'],
    ['Wie ist Ihre Nummer?', 'digits'],
    ['Назовите номер брони.', 'digits'],
    ['Could you spell your name, please?', 'spelling'],
    ['Können Sie das buchstabieren?', 'spelling'],
    ['When would you like to come?', 'open'],
    ['Your number is noted. Breakfast is at seven.', 'open'],
    ['I have noted your number.', 'open'],
    ['Your booking number is 4 7 1 1, is that correct?', 'yesNo'],
    ['Is this number right?', 'yesNo'],
    ['Shall I send the code to your phone?', 'yesNo'],
    ['Could you tell me your number?', 'digits'],
    ['Wie ist Ihre Telefonnummer?', 'digits'],
    ['Ваш номер брони 4711, верно?', 'yesNo'],
    ['Какой номер вы хотите?', 'open'],
    ['Please type your booking number and press hash.', 'digits'],
    ['', 'open'],
  ])('S1 after “%s”: %s', (text, kind) => {
    expect(after(text)).toBe(kind);
  });

  it('S1 is told to the transcriber when the caller has the floor', async () => {
    const call = await asked();
    const question = 'What is your booking number?';
    begins(call, question, 0);
    heard(call, question, 1500);
    finishes(call);
    expect(call.commands('stt').at(-1)).toEqual({ type: 'stt.expect', expectation: { kind: 'digits' } });
  });

  it('S1 is known to a transcriber that is opened anew', async () => {
    const call = await listening({ greeting: 'Is this about a booking?' });
    expect(starts(call, 'stt').at(-1)).toMatchObject({ expected: 'open' });
    await spoken(call, '');
    call.send({ type: 'playback.heard', turn: call.context().turn, words: ['Is', 'it?'], heardMs: 1 });
    call.report('stt', { type: 'stt.failed', failure });
    await call.clock.advance(200);
    expect(starts(call, 'stt').at(-1)).toMatchObject({ session: 2, expected: 'yesNo' });
  });
});
