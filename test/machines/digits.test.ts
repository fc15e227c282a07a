import { describe, expect, it } from 'vitest';
import { callerSays, type CallHarness } from '../support/call-harness.ts';
import {
  asked,
  begins,
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
} from '../support/call-plays.ts';

const type = (call: CallHarness, keys: string) => {
  for (const digit of keys) call.send({ type: 'caller.digit', digit });
};

/** The agent has asked for keys, and was heard. */
async function collecting(input: Record<string, unknown> = { max: 4 }): Promise<CallHarness> {
  const call = await asked('I want to pay.');
  call.report('think', { type: 'model.clause', text: 'Please type your number.' });
  wants(call, 'collect_digits', input);
  sounds(call, 'Please type your number.', 4);
  finishes(call);
  return call;
}

describe('keys', () => {
  it('D4.1 that nobody asked for become a turn 3 s after the last of them', async () => {
    const call = await speaking();
    type(call, '1');
    await call.clock.advance(2000);
    type(call, '2');
    await call.clock.advance(2999);
    expect(call.is('collectingDigits.between')).toBe(true);
    await call.clock.advance(1);
    expect(call.lines()).toContain('caller: [keys: 12]');
    expect(starts(call, 'think').at(-1).messages.at(-1)).toEqual({ role: 'user', text: '[keys: 12]' });
    expect(call.context().counts.digits).toBe(2);
  });

  it('D4.1 a single # is itself the turn', async () => {
    const call = await listening();
    type(call, '#');
    expect(call.lines()).toContain('caller: [keys: #]');
  });

  it('D4.1 a key while the answer is got ready takes the floor at once', async () => {
    const call = await asked();
    type(call, '1');
    expect(call.is('collectingDigits.between')).toBe(true);
    expect(call.running()).not.toContain('think');
  });

  it('D4.1 keys and words said meanwhile are one turn', async () => {
    const call = await listening();
    type(call, '12');
    await callerSays(call, 0, 'is my number.');
    await call.clock.advance(3000);
    expect(call.lines().filter((line) => line.startsWith('caller:'))).toEqual(['caller: is my number. [keys: 12]']);
  });
});

describe('collect_digits', () => {
  it('D4.1 waits until its question was heard', async () => {
    const call = await asked('I want to pay.');
    call.report('think', { type: 'model.clause', text: 'Please type your number.' });
    wants(call, 'collect_digits', { max: 4 });
    sounds(call, 'Please type your number.', 2);
    expect(call.is('replying.speaking')).toBe(true);
    finishes(call);
    expect(call.is('collectingDigits.first')).toBe(true);
  });

  it('D4.1 ends with the last key', async () => {
    const call = await collecting({ max: 4 });
    type(call, '123');
    expect(call.is('collectingDigits.between')).toBe(true);
    type(call, '4');
    expect(call.is('replying')).toBe(true);
    expect(call.lines()).toContain('caller: [keys: 1234]');
  });

  it.each([
    [{ max: 8 }, '12#'],
    [{ max: 8, terminator: '*' }, '12*'],
  ])('D4.1 ends with its terminator (%j)', async (input, keys) => {
    const call = await collecting(input);
    type(call, keys);
    expect(call.lines()).toContain('caller: [keys: 12]');
  });

  it('D4.1 without a terminator # is a key', async () => {
    const call = await collecting({ max: 3, terminator: '' });
    type(call, '1#2');
    expect(call.lines()).toContain('caller: [keys: 1#2]');
  });

  it('D4.1 keys typed into its question count', async () => {
    const call = await asked('I want to pay.');
    call.report('think', { type: 'model.clause', text: 'Please type your number.' });
    wants(call, 'collect_digits', { max: 2 });
    sounds(call, 'Please type your number.', 2);
    type(call, '12');
    expect(call.lines()).toContain('caller: [keys: 12]');
  });

  it('D4.1 asks after 6 s without a key', async () => {
    const call = await collecting();
    await call.clock.advance(5999);
    expect(call.is('collectingDigits.first')).toBe(true);
    await call.clock.advance(1);
    expect(says(call).at(-1)).toBe('Are you still there?');
  });

  it('D4.1 goes on after 3 s with the keys that came', async () => {
    const call = await collecting();
    type(call, '12');
    await call.clock.advance(3000);
    expect(call.lines()).toContain('caller: [keys: 12]');
  });

  it('D4.1 a caller who speaks instead is answered', async () => {
    const call = await collecting();
    voiceOn(call);
    hear(call, 1, 'I have no number.', true);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(call.lines()).toContain('caller: I have no number.');
    expect(call.is('replying')).toBe(true);
  });

  it('S1 a wrong wish is told to the model, which tries again', async () => {
    const call = await asked('I want to pay.');
    wants(call, 'collect_digits', { max: 'many' });
    expect(call.running()).toContain('think');
    const { messages } = starts(call, 'think').at(-1);
    expect(messages.at(-1)).toMatchObject({ role: 'tool', callId: 'c1' });
    expect(messages.at(-1).text).toContain('max');
    begins(call, 'One more time.', 1);
    expect(call.is('replying.speaking')).toBe(true);
  });
});
