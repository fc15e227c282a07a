import { expect, test } from 'vitest';
import { calmPosture } from '../../src/posture.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { type CallWorld, openCallWorld } from '../support/call-world.ts';

const person = 'tel:+4930777';
const phrases = { en: { unavailable: 'Nobody is here.', puttingThrough: 'Please wait.', goodbye: 'Good bye.' } };

const vendorsOf = ({ emulators: { deepgram, openai, groq, cartesia } }: CallWorld) => [
  deepgram,
  openai,
  groq,
  cartesia,
];
const opened = (world: CallWorld) =>
  vendorsOf(world).map(({ journal }) => journal.entries({ type: 'connection.opened' }).length);

/** No vendor takes a connection any more, and recovery has decided that new calls are spared. */
async function openFailsafe(settings: Readonly<Record<string, string>>) {
  const front = { transfers: { [person]: { does: 'accept' } } } as const;
  const world = await openCallWorld({ agent: { phrases }, front, settings });
  for (const { faults } of vendorsOf(world)) faults.add({ kind: 'refuse' });
  world.instance.care.posture.take({ ...calmPosture, version: 1, mode: 'failsafe' });
  return world;
}

test('D8.4 S3 while every vendor is away a new caller hears the stored notice and is put through to a person', () =>
  inRealTime(async () => {
    const world = await openFailsafe({ FAILSAFE_TRANSFER_TO: person });
    const before = opened(world);
    const call = await world.dial();
    world.front!.adopt(call.phone);
    await call.until(isEnd);
    expect(call.story().ended).toBe('transferred');
    expect(call.phone.heard().map(({ text }) => text)).toEqual('Nobody is here. Please wait.'.split(' '));
    expect(world.front!.journal.entries({ type: 'transfer.accepted' })).toEqual([
      expect.objectContaining({ call: call.phone.callId, target: person }),
    ]);
    expect(opened(world)).toEqual(before);
    await world.close();
  }));

test('D8.4 with nobody to put them through to callers hear the notice and a goodbye', () =>
  inRealTime(async () => {
    const world = await openFailsafe({});
    const call = await world.dial();
    await call.until(isEnd);
    expect(call.story().ended).toBe('failsafe');
    expect(call.phone.heard().map(({ text }) => text)).toEqual('Nobody is here. Good bye.'.split(' '));
    await world.close();
  }));
