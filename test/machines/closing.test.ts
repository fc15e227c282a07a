import { describe, expect, it } from 'vitest';
import { type CallHarness, spoken } from '../support/call-harness.ts';
import {
  asked,
  asks,
  begins,
  failure,
  finishes,
  hear,
  heard,
  listening,
  opening,
  ringing,
  says,
  sounds,
  speaking,
  voiceOff,
  voiceOn,
  wants,
  why,
} from '../support/call-plays.ts';

/** The model ends the call, and its last words were heard. */
async function farewell(written = 'Goodbye, Ms. Weber.', input: Record<string, unknown> = {}): Promise<CallHarness> {
  const call = await asked('That is all, thank you.');
  if (written) call.report('think', { type: 'model.clause', text: written });
  wants(call, 'end_call', input);
  sounds(call, says(call).at(-1)!, 3);
  finishes(call);
  return call;
}

async function hungUp(call: CallHarness): Promise<string | undefined> {
  await call.clock.advance(1000);
  call.report('hangUp', { type: 'line.hung_up' });
  return why(call);
}

describe('a goodbye', () => {
  it('S1 by end_call leaves the caller a last word, then hangs up', async () => {
    const call = await farewell();
    expect(call.is('closing.lastWord')).toBe(true);
    expect(call.running()).toEqual(['line', 'stt', 'voiceActivity']);
    await call.clock.advance(999);
    expect(call.is('closing.lastWord')).toBe(true);
    expect(await hungUp(call)).toBe('agent said goodbye');
    expect(call.states()).toEqual(['ended']);
  });

  it.each([
    ['in the model’s own words', 'Goodbye, Ms. Weber.', {}, 'Goodbye, Ms. Weber.'],
    ['as the call is told', '', { say: 'See you on Monday.' }, 'See you on Monday.'],
    ['by the usual phrase', '', {}, 'Thank you for calling. Goodbye.'],
  ])('S1 is said once, %s', async (_, written, input, said) => {
    const call = await farewell(written, input);
    expect(says(call).slice(2)).toEqual([said]);
  });

  it('S1 a caller’s “bye” is let through, and does not go on with the call', async () => {
    const call = await farewell();
    voiceOn(call);
    await call.clock.advance(900);
    hear(call, 1, 'Thank you, bye!', true);
    voiceOff(call);
    expect(call.is('lastWord')).toBe(true);
    expect(await hungUp(call)).toBe('agent said goodbye');
  });

  it('S1 a voice is not cut off by it, for 8 s at most', async () => {
    const call = await farewell();
    voiceOn(call);
    await call.clock.advance(7999);
    expect(call.is('lastWord.voiced')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('leaving')).toBe(true);
  });

  it('S1 a caller who wants something more gets it', async () => {
    const call = await farewell();
    await asks(call, 1, 'What about breakfast?');
    expect(call.is('replying.thinking')).toBe(true);
    expect(call.context().why).toBeUndefined();
    begins(call, 'From seven.', 2);
    finishes(call);
    expect(call.is('listening.quiet')).toBe(true);
  });

  it('S1 that was interrupted is none', async () => {
    const call = await asked('That is all, thank you.');
    call.report('think', { type: 'model.clause', text: 'Goodbye, Ms. Weber, until Monday then.' });
    wants(call, 'end_call', {});
    sounds(call, 'Goodbye, Ms. Weber, until Monday then.', 2);
    voiceOn(call);
    hear(call, 1, 'What about breakfast?', true);
    voiceOff(call);
    await call.clock.advance(1000);
    begins(call, 'From seven.', 2);
    finishes(call);
    expect(call.is('listening.quiet')).toBe(true);
  });
});

const moments: readonly (readonly [string, () => Promise<CallHarness>])[] = [
  ['the disclosure', () => opening('disclosing')],
  ['the greeting', () => opening('greeting')],
  ['listening', () => listening()],
  ['thinking', () => asked()],
  ['speaking', () => speaking()],
];

describe.each(moments)('an operator during %s', (name, play) => {
  it('R10.1 hangs up after a goodbye that nobody can talk over', async () => {
    const call = await play();
    call.send({ type: 'call.hang_up' });
    expect(call.is('closing.farewell')).toBe(true);
    expect(says(call).at(-1)).toBe('Thank you for calling. Goodbye.');
    sounds(call, 'Thank you for calling. Goodbye.', 2);
    voiceOn(call);
    hear(call, 9, 'But what about breakfast?', true);
    expect(call.is('closing.farewell.saying.speaking')).toBe(true);
    finishes(call);
    expect(call.is('closing.lastWord')).toBe(true);
    voiceOff(call);
    expect(await hungUp(call)).toBe('hung up by operator');
  });

  it('S3 a call that took its process with it too often says that it is sorry, and hangs up', async () => {
    const call = await play();
    call.send({ type: 'call.restored', epoch: 4 });
    call.send({ type: 'call.give_up' });
    expect(call.is('closing.farewell')).toBe(true);
    expect(call.running()).not.toContain('think');
    const sorry = 'I am sorry, something went wrong on our side. Thank you for calling. Goodbye.';
    expect(says(call).at(-1)).toBe(sorry);
    sounds(call, sorry, 2);
    finishes(call);
    expect(await hungUp(call)).toBe('crashed too often');
  });

  it('R10.1 who asks twice is not kept waiting', async () => {
    const call = await play();
    call.send({ type: 'call.hang_up' });
    call.send({ type: 'call.hang_up' });
    expect(call.running()).toEqual(['hangUp']);
  });

  it('R10.1 says something, and the agent goes on with what it owed', async () => {
    const call = await play();
    const owed = name === 'the disclosure' ? 'speaking with an AI assistant.' : 'how can I help?';
    call.send({ type: 'call.say', text: 'Dinner is served.' });
    expect(says(call).at(-1)).toBe('Dinner is served.');
    const preface = name === 'the disclosure' ? `${owed} ` : '';
    expect(says(call).join(' ')).toContain(`${preface}Dinner is served.`);
    sounds(call, 'x', 0);
    heard(call, `${preface}Dinner is served.`, 2000);
    finishes(call);
    if (name === 'listening') return expect(call.is('listening.quiet')).toBe(true);
    expect(call.is('replying.thinking')).toBe(true);
    if (name === 'thinking') expect(call.running()).toContain('think');
    if (name === 'the disclosure') expect(says(call).at(-1)).toBe('Hotel Lindau, how can I help?');
    if (name === 'the greeting') expect(says(call).at(-1)).toBe(owed);
    if (name === 'speaking') expect(says(call).at(-1)).toBe('room with a view of the lake and a balcony.');
  });
});

describe('the end of a call', () => {
  it('R10.1 an operator hangs up while it rings', () => {
    const call = ringing();
    call.send({ type: 'call.hang_up' });
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('hung up by operator');
  });

  it('S1 comes with a goodbye at the maximum length', async () => {
    const call = await listening({ maxCallMs: 10_000 });
    await call.clock.advance(7000);
    await spoken(call, 'Are you still there?');
    await call.clock.advance(3000);
    expect(call.is('closing.farewell')).toBe(true);
    await spoken(call, 'Thank you for calling. Goodbye.');
    expect(await hungUp(call)).toBe('call too long');
  });

  it('S1 comes without a goodbye when none can be said', async () => {
    const call = await listening();
    call.send({ type: 'call.hang_up' });
    await call.clock.advance(5000);
    expect(call.is('leaving')).toBe(true);
  });

  it('S1 a goodbye that never ends is cut after 8 s', async () => {
    const call = await listening();
    call.send({ type: 'call.hang_up' });
    sounds(call, 'Thank you for calling.', 1);
    await call.clock.advance(8000);
    expect(call.is('leaving')).toBe(true);
  });
});

describe('ears that are lost while nobody need be heard', () => {
  const told = 'I am sorry, I cannot hear you any more.';
  const deafened = (call: CallHarness) => {
    while (!call.is('hearing.attached.deaf')) call.report('stt', { type: 'stt.failed', failure: dead });
  };
  const dead = { ...failure, retryable: false };

  it.each(['the goodbye is said', 'the caller has his last word'])(
    'S1 while %s: the call ends as it would have',
    async (when) => {
      const call = when === 'the goodbye is said' ? await speaking() : await farewell();
      if (when === 'the goodbye is said') call.send({ type: 'call.hang_up' });
      deafened(call);
      if (call.is('closing.farewell')) await spoken(call, 'Thank you for calling. Goodbye.');
      voiceOn(call);
      voiceOff(call);
      expect(call.is('closing.lastWord')).toBe(true);
      expect(await hungUp(call)).toBe(when === 'the goodbye is said' ? 'hung up by operator' : 'agent said goodbye');
    },
  );

  it('S1 while somebody is put through who does not answer: the caller is told, and the call ends', async () => {
    const call = await speaking();
    call.send({ type: 'call.transfer', person: 'frontDesk' });
    await spoken(call, call.context().agent.phrases.puttingThrough);
    await call.clock.advance(600);
    deafened(call);
    expect(call.is('transferring.referring')).toBe(true);
    call.report('transfer', { type: 'transfer.failed', outcome: { result: 'busy' } });
    expect(call.is('closing.farewell')).toBe(true);
    expect(says(call).at(-1)).toContain(told);
  });
});
