import { describe, expect, it } from 'vitest';
import { callerSays, createCallHarness, spoken } from '../support/call-harness.ts';
import {
  failure,
  finishes,
  hear,
  listening,
  ringing,
  says,
  speaking,
  starts,
  voiceOff,
  voiceOn,
  why,
} from '../support/call-plays.ts';

const breaks = (call: Parameters<typeof voiceOn>[0], retryable = true) =>
  call.report('stt', { type: 'stt.failed', failure: { ...failure, retryable } });

describe('hearing', () => {
  it('D4.1 is reopened after 0.1, 0.5 and 1 s, then the agent is deaf and says goodbye', async () => {
    const call = await listening();
    const before = starts(call, 'stt').length;
    for (const [index, ms] of [100, 500, 1000].entries()) {
      breaks(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(ms - 1);
      expect(starts(call, 'stt')).toHaveLength(before + index);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(1);
      expect(starts(call, 'stt')).toHaveLength(before + index + 1);
      call.report('stt', { type: 'stt.opened' });
    }
    breaks(call);
    expect(call.is('hearing.attached.deaf')).toBe(true);
    expect(call.is('closing.farewell')).toBe(true);
    expect(says(call).at(-1)).toBe('I am sorry, I cannot hear you any more. Thank you for calling. Goodbye.');
    await spoken(call, 'I am sorry, I cannot hear you any more. Thank you for calling. Goodbye.');
    await call.clock.advance(1000);
    call.report('hangUp', { type: 'line.hung_up' });
    expect(why(call)).toBe('deaf');
  });

  it('D4.1 that gives words again has all its tries back', async () => {
    const call = await listening();
    for (let round = 0; round < 4; round += 1) {
      breaks(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(100);
      call.report('stt', { type: 'stt.opened' });
      hear(call, 20_000 + round, 'A room with a view', true);
      expect(call.context().hearingTries).toBe(0);
    }
  });

  it('D4.1 that is refused for good is not tried again', async () => {
    const call = await listening();
    breaks(call, false);
    expect(call.is('hearing.attached.deaf')).toBe(true);
  });

  it('D4.1 that does not open within 2.5 s is opened anew', async () => {
    const call = createCallHarness();
    await call.clock.advance(2500);
    expect(call.is('hearing.attached.reopening')).toBe(true);
    await call.clock.advance(100);
    expect(starts(call, 'stt')).toHaveLength(2);
  });

  it('D4.1 deaf before the caller was put through, it says so and hangs up', async () => {
    const call = ringing();
    breaks(call, false);
    expect(call.is('ringing')).toBe(true);
    call.send({ type: 'caller.answered' });
    expect(call.is('closing.farewell')).toBe(true);
    expect(says(call).join(' ')).toContain('I cannot hear you any more.');
  });

  it('D4.1 sound since the last settled words is given to the new session', async () => {
    const call = await listening();
    await call.clock.advance(1000);
    await callerSays(call, 0, 'I would like a room');
    const settledAt = call.clock.now();
    await call.clock.advance(3000);
    breaks(call);
    await call.clock.advance(100);
    const input = starts(call, 'stt').at(-1);
    expect(input.settledAt).toBeGreaterThanOrEqual(settledAt);
    expect(input.session).toBe(2);
  });

  it('D4.1 interim words of a lost session are forgotten, since their sound is replayed', async () => {
    const call = await listening();
    voiceOn(call);
    hear(call, 0, 'I would', false);
    breaks(call);
    await call.clock.advance(100);
    call.report('stt', { type: 'stt.opened' });
    hear(call, 20_000, 'I would like a room.', true);
    voiceOff(call);
    await call.clock.advance(1000);
    expect(call.lines()).toContain('caller: I would like a room.');
  });

  it('D4.1 a transcriber that says nothing while the caller speaks is noticed, twice', async () => {
    const call = await speaking();
    finishes(call);
    const before = starts(call, 'stt').length;
    for (const opened of [1, 2]) {
      voiceOn(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(1200 + 2500);
      expect(call.is('hearing.attached.reopening')).toBe(true);
      voiceOff(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(500);
      expect(starts(call, 'stt')).toHaveLength(before + opened);
      call.report('stt', { type: 'stt.opened' });
    }
    voiceOn(call);
    await call.clock.advance(10_000);
    expect(starts(call, 'stt')).toHaveLength(before + 2);
    expect(call.is('hearing.attached.deaf')).toBe(false);
  });

  it('D4.1 a short sound without words is no reason for doubt', async () => {
    const call = await listening();
    voiceOn(call);
    await call.clock.advance(300);
    voiceOff(call);
    await call.clock.advance(4000);
    expect(call.is('open.idle')).toBe(true);
    expect(starts(call, 'stt')).toHaveLength(1);
  });

  it('D4.1 our own detector goes on while the transcriber is away', async () => {
    const call = await speaking();
    breaks(call);
    voiceOn(call);
    expect(call.is('bargeIn.ducked')).toBe(true);
    await call.clock.advance(600);
    expect(call.is('bargeIn.silent')).toBe(true);
  });

  it('D4.1 a detector that breaks is started anew', async () => {
    const call = await listening();
    call.actor.send({
      type: 'xstate.error.actor.voiceActivity',
      error: new Error('broke'),
      actorId: 'voiceActivity',
    } as never);
    expect(call.is('voice.broken')).toBe(true);
    await call.clock.advance(500);
    expect(starts(call, 'voiceActivity')).toHaveLength(2);
  });
});
