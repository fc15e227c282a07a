import { describe, expect, it } from 'vitest';
import { answered, caller, callerSays, createCallHarness, spoken } from '../support/call-harness.ts';

describe('a call', () => {
  it('S1 rings until the caller is there, then discloses and greets', async () => {
    const call = createCallHarness();
    call.send({ type: 'line.joined' });
    call.send({ type: 'caller.joined', caller });
    expect(call.is('conversation.ringing')).toBe(true);
    call.send({ type: 'caller.answered' });
    expect(call.is('opening.disclosing.thinking')).toBe(true);
    expect(call.commands('speak').map((each) => each.type)).toEqual(['voice.say', 'voice.end']);
    await spoken(call, 'You are speaking with an AI assistant.');
    expect(call.is('opening.greeting')).toBe(true);
    await spoken(call, 'Hotel Lindau, how can I help?');
    expect(call.is('listening.quiet')).toBe(true);
    expect(call.lines()).toEqual([
      'agent: You are speaking with an AI assistant.',
      'agent: Hotel Lindau, how can I help?',
    ]);
  });

  it('S1 thinks tentatively, confirms after quiet, speaks and listens again', async () => {
    const call = createCallHarness();
    await answered(call);
    await callerSays(call, 0, 'What does a room cost?');
    expect(call.is('replying.thinking.tentative')).toBe(true);
    call.report('think', { type: 'model.clause', text: 'Ninety euros, ' });
    call.report('think', { type: 'model.clause', text: 'breakfast included.' });
    expect(
      call
        .commands('speak')
        .filter((each) => each.type === 'voice.say')
        .at(-1).text,
    ).toBe('Ninety euros, ');
    await call.clock.advance(250);
    expect(call.is('thinking.confirmed')).toBe(true);
    call.report('think', { type: 'model.finished', reason: 'stop' });
    expect(
      call
        .commands('speak')
        .slice(-2)
        .map((each) => each.type),
    ).toEqual(['voice.say', 'voice.end']);
    expect(call.commands('playback').at(-1)).toEqual({ type: 'playback.release' });
    await spoken(call, 'Ninety euros, breakfast included.');
    expect(call.is('listening.quiet')).toBe(true);
    expect(call.lines().slice(2)).toEqual([
      'caller: What does a room cost?',
      'agent: Ninety euros, breakfast included.',
    ]);
    expect(call.errors).toEqual([]);
  });
});
