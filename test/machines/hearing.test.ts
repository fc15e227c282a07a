import { describe, expect, it } from 'vitest';
import { changedEar } from '../../src/machines/call/ears.ts';
import type { Failure } from '../../src/failure.ts';
import {
  callerSays,
  type CallHarness,
  createCallHarness,
  deciding,
  dictated,
  hotel,
  spoken,
} from '../support/call-harness.ts';
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

const backed = { ears: [deciding, dictated] };
const refusal = (httpStatus: number): Failure => ({ ...failure, phase: 'handshake', retryable: false, httpStatus });
const fails = (call: CallHarness, given: Failure = failure) =>
  call.report('stt', { type: 'stt.failed', failure: given });
const ears = (call: CallHarness) => starts(call, 'stt').map(({ ear }) => ear);

/** Nothing is told of what is said. */
async function speaksUnheard(call: CallHarness, ms = 800): Promise<void> {
  voiceOn(call);
  await call.clock.advance(ms);
  voiceOff(call);
}

/** The first ear says nothing of a sound, and the backup finds nothing in it. */
async function noise(call: CallHarness): Promise<void> {
  await speaksUnheard(call);
  await call.clock.advance(900);
  call.report('stt', { type: 'stt.opened' });
  call.report('stt', { type: 'stt.nothing', behindMs: 300 });
}

describe('hearing by a backup', () => {
  it.each([401, 402, 403, 404])('D4.1 takes over at once from an ear refused with %d, for good', async (status) => {
    const call = await listening(backed);
    fails(call, refusal(status));
    expect(call.is('backup.opening')).toBe(true);
    expect(ears(call)).toEqual([0, 1]);
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(600_000);
    expect(ears(call)).toEqual([0, 1]);
  });

  it('D4.1 takes over when an ear that nobody waits for was reopened in vain', async () => {
    const call = await listening(backed);
    for (const ms of [100, 500, 1000]) {
      fails(call);
      expect(call.is('hearing.attached.reopening')).toBe(true);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(ms);
    }
    fails(call);
    expect(call.is('hearing.attached.backup')).toBe(true);
    expect(ears(call)).toEqual([0, 0, 0, 0, 1]);
  });

  it('D4.1 takes over from an ear that does not open, 0.3 s after the caller has spoken, with what was said', async () => {
    const call = await listening(backed);
    fails(call);
    await call.clock.advance(100);
    const saidAt = call.clock.now();
    await speaksUnheard(call, 500);
    await call.clock.advance(299);
    expect(call.is('transcribing.opening')).toBe(true);
    await call.clock.advance(1);
    expect(call.is('backup.opening')).toBe(true);
    expect(starts(call, 'stt').at(-1)).toMatchObject({ ear: 1, session: 3 });
    expect(starts(call, 'stt').at(-1).settledAt).toBeLessThan(saidAt);
  });

  it('D4.1 takes over at once when an ear breaks that owes words', async () => {
    const call = await listening(backed);
    await speaksUnheard(call);
    fails(call);
    expect(call.is('backup.opening')).toBe(true);
  });

  it('D4.1 takes over from an ear that is open and says nothing of what was said', async () => {
    const call = await listening(backed);
    await speaksUnheard(call);
    await call.clock.advance(900);
    expect(call.is('backup.opening')).toBe(true);
  });

  it('D4.1 takes over at once from an ear that is rationed, and leaves it alone for as long as it asks', async () => {
    const call = await listening(backed);
    fails(call, { ...failure, sub: 'rate', httpStatus: 429, retryAfterMs: 20_000 });
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(19_999);
    expect(ears(call)).toEqual([0, 1]);
    await call.clock.advance(1);
    expect(ears(call)).toEqual([0, 1, 0]);
  });

  it('D4.1 completes the turn, which ends by its words and by quiet', async () => {
    const call = await listening(backed);
    fails(call, refusal(401));
    call.report('stt', { type: 'stt.opened' });
    await speaksUnheard(call);
    await call.clock.advance(600);
    hear(call, 20_000, 'What does a room cost?', true);
    expect(call.lines()).toContain('caller: What does a room cost?');
    expect(call.is('replying')).toBe(true);
  });

  it('D4.1 a long utterance without interim words is no reason for doubt', async () => {
    const call = await listening(backed);
    fails(call, refusal(401));
    call.report('stt', { type: 'stt.opened' });
    voiceOn(call);
    await call.clock.advance(20_000);
    expect(call.is('backup.open.voiced')).toBe(true);
  });

  it('D4.1 gives the first ear back its place while nobody speaks, later when it goes on failing', async () => {
    const call = await listening(backed);
    fails(call, { ...failure, sub: 'rate' });
    for (const ms of [5000, 10_000]) {
      call.report('stt', { type: 'stt.opened' });
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(ms - 1);
      expect(call.is('backup.open.idle')).toBe(true);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(1);
      expect(call.is('transcribing.opening')).toBe(true);
      if (ms === 5000) fails(call);
    }
    call.report('stt', { type: 'stt.opened' });
    hear(call, 900_000, 'A room with a view', true);
    expect(call.is('transcribing.open')).toBe(true);
    expect(call.context().ears).toMatchObject({ ear: 0, lost: [], trials: 0 });
  });

  it('D4.1 no ear is left alone for more than a minute, unless it asks for that', async () => {
    const { actor } = await listening(backed);
    const { context } = actor.getSnapshot();
    const event = { type: 'stt.failed', failure, at: 0 } as const;
    const coolsMs = (trials: number, retryAfterMs?: number) =>
      changedEar(
        { ...context, ears: { ...context.ears, trials } },
        { ...event, failure: { ...failure, ...(retryAfterMs !== undefined && { retryAfterMs }) } },
        0,
      ).ears?.againAt;
    expect([0, 1, 2, 3, 4, 40].map((trials) => coolsMs(trials))).toEqual([
      5000, 10_000, 20_000, 40_000, 60_000, 60_000,
    ]);
    expect([1000, 90_000, 3_600_000].map((ms) => coolsMs(0, ms))).toEqual([5000, 90_000, 600_000]);
  });

  it('D4.1 what is said while the first ear is tried again is given to whichever opens', async () => {
    const call = await listening(backed);
    fails(call, { ...failure, sub: 'rate' });
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(5000);
    const { settledAt } = starts(call, 'stt').at(-1);
    await speaksUnheard(call);
    await call.clock.advance(300);
    expect(starts(call, 'stt').at(-1)).toMatchObject({ ear: 1, settledAt });
  });

  it('D4.1 sound that the backup finds no words in was noise: the first ear is opened again at once', async () => {
    const call = await listening(backed);
    await noise(call);
    await call.clock.advance(0);
    expect(ears(call)).toEqual([0, 1, 0]);
    expect(starts(call, 'stt').at(-1).settledAt).toBeGreaterThanOrEqual(call.clock.now() - 1000);
  });

  it('D4.1 after noise twice the first ear is not doubted for noise any more, until words come', async () => {
    const call = await listening(backed);
    for (const times of [1, 2]) {
      // oxlint-disable-next-line no-await-in-loop
      await noise(call);
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(0);
      call.report('stt', { type: 'stt.opened' });
      expect(call.context().ears).toMatchObject({ ear: 0, noises: times });
    }
    await speaksUnheard(call);
    await call.clock.advance(1000);
    call.report('stt', { type: 'stt.opened' });
    expect(ears(call)).toEqual([0, 1, 0, 1, 0, 0]);
    hear(call, 60_000, 'A room with a view', true);
    await speaksUnheard(call);
    await call.clock.advance(900);
    expect(call.is('backup.opening')).toBe(true);
  });

  it('D4.1 words that only the backup finds show that the first ear is broken: it is left alone for a while', async () => {
    const call = await listening(backed);
    await speaksUnheard(call);
    await call.clock.advance(900);
    call.report('stt', { type: 'stt.opened' });
    hear(call, 20_000, 'A room with a view', true);
    await call.clock.advance(4900);
    expect(ears(call)).toEqual([0, 1]);
  });

  it('D4.1 settled words settle the sound up to where they end, and no further', async () => {
    const call = await listening(backed);
    await speaksUnheard(call);
    call.send({ type: 'stt.words', utterance: 0, text: 'A room', final: true, behindMs: 700 });
    const settledAt = call.clock.now() - 700;
    fails(call, refusal(401));
    expect(starts(call, 'stt').at(-1)).toMatchObject({ ear: 1, settledAt });
  });

  it('D4.1 of an utterance that was settled in part, the rest is heard anew and the part is kept', async () => {
    const call = await listening(backed);
    voiceOn(call);
    hear(call, 0, 'I would like', true);
    hear(call, 0, 'I would like a room', false);
    fails(call, refusal(401));
    call.report('stt', { type: 'stt.opened' });
    voiceOff(call);
    hear(call, 20_000, 'a room with a view', true);
    await call.clock.advance(1000);
    expect(call.lines()).toContain('caller: I would like a room with a view');
  });

  it('D4.1 words of sound too old to be replayed are kept, and what came after them is heard anew', async () => {
    const call = await listening(backed);
    voiceOn(call);
    for (const text of ['I', 'I would', 'I would like', 'I would like to ask']) {
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(1000);
      hear(call, 0, text, false);
    }
    const wordsAt = call.clock.now();
    await call.clock.advance(1500);
    fails(call, refusal(401));
    expect(starts(call, 'stt').at(-1)).toMatchObject({ ear: 1, settledAt: wordsAt });
    call.report('stt', { type: 'stt.opened' });
    voiceOff(call);
    hear(call, 20_000, 'for a room', true);
    await call.clock.advance(1000);
    expect(call.lines()).toContain('caller: I would like to ask for a room');
  });

  it('D4.1 where nobody was heard to speak a new session is given the last second and no more', async () => {
    const call = await listening(backed);
    await call.clock.advance(3000);
    fails(call, refusal(401));
    expect(starts(call, 'stt').at(-1)).toMatchObject({ ear: 1, settledAt: call.clock.now() - 1000 });
  });

  it('D4.1 words that stop coming in the middle of what is said are not answered: all of it is heard anew', async () => {
    const call = await listening({ ears: [{ ...deciding, decides: false }, dictated], speculate: false });
    voiceOn(call);
    await call.clock.advance(300);
    hear(call, 0, 'Well', false);
    await call.clock.advance(1000);
    voiceOff(call);
    await call.clock.advance(900);
    expect(call.is('backup.opening')).toBe(true);
    expect(call.is('listening')).toBe(true);
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(300);
    hear(call, 20_000, 'Well, I like red.', true);
    await call.clock.advance(1);
    expect(call.lines().filter((line) => line.startsWith('caller'))).toEqual(['caller: Well, I like red.']);
    expect(call.is('replying')).toBe(true);
  });

  it('D4.1 words that come late and later are not waited for: the next ear is asked', async () => {
    const call = await listening({ ears: [{ ...deciding, decides: false }, dictated], speculate: false });
    await speaksUnheard(call, 1400);
    for (const [text, behindMs] of [
      ['Well', 1200],
      ['Well, I', 1400],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop
      await call.clock.advance(300);
      call.send({ type: 'stt.words', utterance: 0, text, final: false, behindMs });
    }
    expect(call.is('transcribing.open.owing')).toBe(true);
    await call.clock.advance(100);
    expect(call.is('backup.opening')).toBe(true);
    expect(call.is('listening')).toBe(true);
  });

  it('D4.1 while words of a backup are awaited the caller hears that it takes a moment, and then is asked again', async () => {
    const call = await listening(backed);
    const { moment, again } = { moment: hotel.phrases.filler, again: hotel.phrases.pleaseRepeat };
    fails(call, refusal(401));
    await speaksUnheard(call);
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(1580);
    expect(says(call).at(-1)).toBe(moment);
    await spoken(call, moment);
    expect(call.is('settling')).toBe(true);
    await call.clock.advance(2000);
    expect(says(call).at(-1)).toBe(again);
  });

  it('D4.1 words that come while the caller is told that it takes a moment are answered at once', async () => {
    const call = await listening(backed);
    fails(call, refusal(401));
    await speaksUnheard(call);
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(1600);
    hear(call, 20_000, 'What does a room cost?', true);
    await call.clock.advance(1000);
    expect(call.lines()).toContain('caller: What does a room cost?');
    expect(call.context().ask).toBe('answer');
  });

  it('D4.1 an ear of a vendor that recovery wants avoided is left alone, until no other is left', async () => {
    const call = createCallHarness(backed);
    call.send({ type: 'call.avoid', vendors: ['deepgram'] });
    expect(call.is('backup.opening')).toBe(true);
    call.report('stt', { type: 'stt.opened' });
    await call.clock.advance(8000);
    expect(ears(call)).toEqual([0, 1]);
    fails(call, refusal(401));
    expect(ears(call)).toEqual([0, 1, 0]);
    expect(call.is('transcribing.opening')).toBe(true);
  });

  it('D4.1 an ear that is open goes on, though it is to be avoided; once it breaks, another one is opened', async () => {
    const call = await listening(backed);
    call.send({ type: 'call.avoid', vendors: ['deepgram'] });
    expect(call.is('transcribing.open')).toBe(true);
    fails(call);
    expect(ears(call)).toEqual([0, 1]);
  });

  it('D4.1 when all ears are gone the caller is told, and the call ends', async () => {
    const call = await listening(backed);
    fails(call, refusal(401));
    fails(call, refusal(403));
    expect(call.is('hearing.attached.deaf')).toBe(true);
    expect(says(call).at(-1)).toContain('I cannot hear you any more.');
  });

  it('D4.1 ears that all fail in ways that may pass are each tried twice, and then the caller is told', async () => {
    const call = await listening(backed);
    for (let each = 0; each < 40 && !call.is('hearing.attached.deaf'); each += 1) {
      fails(call);
      // oxlint-disable-next-line no-await-in-loop
      if (call.is('reopening')) await call.clock.advance(1000);
    }
    expect(call.is('hearing.attached.deaf')).toBe(true);
    expect(ears(call).filter((ear, index, all) => ear !== all[index - 1])).toEqual([0, 1, 0, 1]);
  });

  it('D4.1 after a vendor that failed, one of another vendor comes next', async () => {
    const call = await listening({ ears: [deciding, { ...deciding, decides: false }, dictated] });
    fails(call, refusal(401));
    expect(ears(call)).toEqual([0, 2]);
  });
});
