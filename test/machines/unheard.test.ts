import { describe, expect, it } from 'vitest';
import { deciding, spoken } from '../support/call-harness.ts';
import { failure, hear, listening, says, starts, voiceOff, voiceOn } from '../support/call-plays.ts';

const again = 'I am sorry, I did not catch that. Could you say it again?';

describe('a caller whom the transcriber does not hear', () => {
  it('D4.1 is given another stream whenever he has spoken and is quiet, also after several silent ones', async () => {
    const call = await listening();
    const before = starts(call, 'stt').length;
    const opened: number[] = [];
    for (let times = 0; times < 4; times += 1) {
      voiceOn(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(900);
      voiceOff(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(times < 2 ? 3100 : 1000);
      opened.push(starts(call, 'stt').length - before);
      call.report('stt', { type: 'stt.opened' });
      // oxlint-disable-next-line no-await-in-loop
      if (call.is('replying')) await spoken(call, again);
    }
    expect(opened).toEqual([1, 2, 3, 4]);
    expect(call.is('hearing.attached.deaf')).toBe(false);
    hear(call, 50_000, 'Do you hear me now?', true);
    expect(call.context().hearingTries).toBe(0);
  });

  it('D4.1 is asked to say it again after a short word too while no stream is open', async () => {
    const call = await listening();
    call.report('stt', { type: 'stt.failed', failure });
    await call.clock.advance(100);
    voiceOn(call);
    await call.clock.advance(350);
    voiceOff(call);
    await call.clock.advance(1700);
    expect(says(call).at(-1)).toBe(again);
  });

  it('D4.1 is answered 2 s after his last sound when a transcriber that decides does not', async () => {
    const call = await listening({ ears: [deciding], speculate: false });
    voiceOn(call);
    await call.clock.advance(800);
    hear(call, 1, 'well I like', false);
    voiceOff(call);
    await call.clock.advance(1380);
    expect(call.is('thinking.tentative')).toBe(true);
    await call.clock.advance(700);
    expect(call.is('thinking.confirmed')).toBe(true);
  });

  it('D4.1 is answered 2 s after his last sound also when his words trickle in late', async () => {
    const call = await listening({ ears: [deciding], speculate: false });
    voiceOn(call);
    await call.clock.advance(800);
    hear(call, 1, 'well', false);
    voiceOff(call);
    await call.clock.advance(1400);
    hear(call, 1, 'well I', false);
    await call.clock.advance(5);
    expect(call.is('thinking.tentative')).toBe(true);
    await call.clock.advance(195);
    hear(call, 1, 'well I like', false);
    await call.clock.advance(270);
    expect(call.is('thinking.tentative')).toBe(true);
    await call.clock.advance(20);
    expect(call.is('thinking.confirmed')).toBe(true);
  });
});
