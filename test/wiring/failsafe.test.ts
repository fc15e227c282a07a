import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulators } from '../../emulators/all.ts';
import { createToneDecoder } from '../../emulators/tones/codec.ts';
import type { Transfer } from '../../src/actors/transfer.ts';
import { inProcessRecorder } from '../../src/adapters/in-process/no-recorder.ts';
import { inProcessTelephones } from '../../src/adapters/in-process/no-telephones.ts';
import { createInProcessRoom } from '../../src/adapters/in-process/room.ts';
import { agent, cartesia, nova, openai } from '../../src/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { calmPosture } from '../../src/posture.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { type LivekitWebhook, readWebhook } from '../../src/runtime/livekit-webhook.ts';
import type { Lines } from '../../src/wiring/call-lines.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { failsafeHeard } from '../../src/wiring/failsafe.ts';
import { openInstance } from '../../src/wiring/instance.ts';
import { joinedBody } from '../support/webhooks.ts';

const person = 'tel:+4930777';
const tester = agent({
  name: 'tester',
  language: ['en'],
  ears: [nova()],
  model: [openai('gpt-5.4-mini')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091')],
  disclosure: 'I am an AI.',
  greeting: 'How can I help?',
  instructions: 'You answer briefly.',
  phrases: { en: { unavailable: 'Nobody here.', puttingThrough: 'Wait.' } },
});

/** A call to an instance in failsafe mode, none of whose vendors takes a connection any more. */
async function called(settings: Readonly<Record<string, string>>) {
  const emulators = await startEmulators();
  const dataDir = await mkdtemp(join(tmpdir(), 'voicechart-failsafe-'));
  const reading = readConfig({
    ...emulators.env,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'a-secret-that-is-long-enough-for-livekit',
    DATA_DIR: dataDir,
    ...settings,
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const clock = systemClock;
  const room = createInProcessRoom({ clock, callerKey: 'SCL_abc' });
  const referred: string[] = [];
  const transfer: Transfer = { refer: async (_, to) => (referred.push(to), { result: 'done' }) };
  const lines: Lines = {
    open: ({ room: name, callerKey }) => ({
      ...room,
      ...inProcessTelephones,
      transfer,
      leg: { room: name, callerKey },
      close: async () => {},
    }),
    participants: { remove: () => Promise.resolve(undefined) },
    egress: inProcessRecorder,
    close: async () => {},
  };
  const log = createLogger({ level: 'silent' });
  const posture = openPosture(log);
  const instance = await openInstance({ ...reading, agents: [tester], lines, posture, clock, log });
  onTestFinished(async () => {
    await instance.close();
    await emulators.close();
    await rm(dataDir, { recursive: true, force: true });
  });
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
