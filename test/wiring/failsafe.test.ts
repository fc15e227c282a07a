import { expect, test } from 'vitest';
import { createToneDecoder } from '../../emulators/tones/codec.ts';
import type { Transfer } from '../../src/actors/transfer.ts';
import { createInProcessRoom } from '../../src/adapters/in-process/room.ts';
import { systemClock } from '../../src/clock.ts';
import { calmPosture } from '../../src/posture.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { type LivekitWebhook, readWebhook } from '../../src/runtime/livekit-webhook.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { failsafeHeard } from '../../src/wiring/failsafe.ts';
import { type Instance, openInstance } from '../../src/wiring/instance.ts';
import { inProcessBed, inProcessLines, testerWith } from '../support/in-process-bed.ts';
import { joinedBody } from '../support/webhooks.ts';

const person = 'tel:+4930777';
const tester = testerWith({ phrases: { en: { unavailable: 'Nobody here.', puttingThrough: 'Wait.' } } });

/** A call to an instance in failsafe mode, none of whose vendors takes a connection any more. */
async function called(settings: Readonly<Record<string, string>>) {
  const { emulators, ...read } = await inProcessBed(settings, async () => instance.close());
  const clock = systemClock;
  const room = createInProcessRoom({ clock, callerKey: 'SCL_abc' });
  const referred: string[] = [];
  const transfer: Transfer = { refer: async (_, to) => (referred.push(to), { result: 'done' }) };
  const lines = inProcessLines(room, transfer);
  const log = createLogger({ level: 'silent' });
  const posture = openPosture(log);
  const instance: Instance = await openInstance({ ...read, agents: [tester], lines, posture, clock, log });
  const vendors = [emulators.deepgram, emulators.openai, emulators.cartesia];
  for (const { faults } of vendors) faults.add({ kind: 'refuse' });
  posture.take({ ...calmPosture, version: 1, mode: 'failsafe' });
  const opened = () => vendors.map(({ journal }) => journal.entries({ type: 'connection.opened' }).length);
  const before = opened();

  const caller = room.call({ identity: 'sip_+15550123', callId: 'SCL_abc' });
  const heard: string[] = [];
  const decoder = createToneDecoder({ sampleRateHz: 16_000 });
  caller.hear((frame) =>
    heard.push(...decoder.push(frame).flatMap((event) => (event.type === 'word' ? [event.text] : []))),
  );
  await instance.intake.receive(readWebhook(joinedBody()) as LivekitWebhook);
  await expect.poll(() => instance.calls.running().length).toBe(1);
  const [host] = instance.calls.running();
  caller.answer();
  const why = await host!.ended;
  expect(opened()).toEqual(before);
  return { why, heard: heard.join(' '), referred };
}

test('D8.4 S3 without a vendor a new caller hears the stored notice and is put through to the person of the settings', async () => {
  const { why, heard, referred } = await called({ FAILSAFE_TRANSFER_TO: person });
  expect({ why, heard, referred }).toEqual({ why: 'transferred', heard: 'Nobody here. Wait.', referred: [person] });
});

test('D8.4 failsafe says what would be heard, and is none where the notice was never rendered', () => {
  const cast = { agent: tester, missingClips: [] };
  expect(failsafeHeard([cast], person)).toBe('the notice, and are put through to a person');
  expect(failsafeHeard([cast], undefined)).toContain('FAILSAFE_TRANSFER_TO is not set');
  expect(failsafeHeard([cast, { ...cast, missingClips: ['Nobody here.'] }], person)).toBeUndefined();
});
