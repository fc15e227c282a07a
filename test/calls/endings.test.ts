import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { greeted } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime, wholeSuite } from '../support/call-real-time.ts';
import { entersState, isEnd, isEvent } from '../support/call-story.ts';
import { leftAtVendors } from '../support/call-vendors.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { webhooksOf } from '../support/hub.ts';

const long = 'The house was built by the lake long ago, it has forty rooms and a view of the hills. ';

/** Where the caller is when the call ends, and how to get there after the greeting. */
const moments: Readonly<Record<string, (call: TestCall) => Promise<unknown>>> = {
  'speaks himself': async ({ phone, until }) => {
    void phone.sayWords('well i would like to know whether you happen to have');
    await until(isEvent('stt.words'));
  },
  'waits for the answer': async ({ phone, until }) => {
    await phone.sayWords('think hard');
    await until(isEvent('model.requested'));
  },
  'hears the answer': async ({ phone }) => {
    await phone.sayWords('tell me more');
    await phone.when('heard.word', ({ text }) => text === 'lake');
  },
  'makes the agent drop its voice': async ({ phone, until }) => {
    await phone.sayWords('tell me more');
    await phone.when('heard.word', ({ text }) => text === 'lake');
    const ducked = until(entersState('ducked'));
    void phone.sayWords('hmm');
    await ducked;
  },
};

describe.concurrent('a caller who leaves', () => {
  let world: CallWorld;
  beforeAll(async () => {
    world = await openCallWorld({
      emulators: { openai: { rules: [{ text: long }], settings: { firstTokenMs: 800 } } },
    });
  });
  afterAll(async () => {
    // Last of all: nothing is going on anywhere for calls that are over.
    await eventually(
      () => leftAtVendors(world),
      (left) => left.length === 0,
    );
    expect(world.instance.calls.running()).toEqual([]);
  });

  test.each(wholeSuite ? [0, 40, 80, 120, 160, 200] : [80])(
    'bad input: its room is deleted while the agent joins, %i ms after the first ring',
    (afterMs) =>
      inRealTime(async () => {
        const call = await world.dial();
        await call.phone.when('ringing');
        await delay(afterMs);
        await world.api.deleteRoom(call.room);
        await expectOver(call, /ROOM_DELETED/);
      }),
  );

  test.each(Object.keys(moments))('D4.3 while he %s: the call ends and leaves nothing behind', (moment) =>
    inRealTime(async () => {
      const call = await world.dial();
      await greeted(call);
      await moments[moment]!(call);
      await call.phone.hangUp();
      await call.until(isEnd);
      expect(call.story().ended).toBe('caller hung up');
      await roomIsGone(call);
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
    }),
  );

  test('D4.3 without hanging up, as when his gateway dies: the call ends after the grace', () =>
    inRealTime(async () => {
      const call = await world.dial();
      await greeted(call);
      await world.api.removeParticipant(call.room, call.phone.identity);
      await call.until(isEnd);
      expect(call.entries().some(isEvent('caller.hung_up'))).toBe(false);
      expect(call.story().ended).toBe('caller hung up');
      await roomIsGone(call);
    }));

  test.each(wholeSuite ? [0, 30, 60, 90, 120, 150, 180, 240] : [60])(
    'while it rings, %i ms after the first ring: no call is left, and no room',
    (afterMs) =>
      inRealTime(async () => {
        const call = await world.dial();
        await call.phone.when('ringing');
        await delay(afterMs);
        await call.phone.hangUp();
        await expectOver(call, /cancelled|hung_up/);
      }),
  );

  async function expectOver(call: TestCall, reason: RegExp): Promise<void> {
    expect((await call.phone.when('ended')).reason).toMatch(reason);
    const left = async () => (await webhooksOf(call.room)).filter(({ body }) => body.event === 'participant_left');
    await eventually(left, (seen) => seen.length > 0);
    // A call that was never begun has no log; one that was has an end.
    await eventually(call.host, (host) => host === undefined);
    if (call.entries().length > 0) await call.until(isEnd);
    await roomIsGone(call);
  }

  const roomIsGone = ({ room }: TestCall) =>
    eventually(
      () => world.api.listRooms([room]),
      (rooms) => rooms.length === 0,
    );
});
