import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startEmulators } from '../../emulators/all.ts';
import { inProcessRecorder } from '../../src/adapters/in-process/no-recorder.ts';
import { inProcessTelephones } from '../../src/adapters/in-process/no-telephones.ts';
import { createInProcessRoom } from '../../src/adapters/in-process/room.ts';
import { agent, cartesia, groq, nova, openai } from '../../src/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/runtime/log.ts';
import type { Lines } from '../../src/wiring/call-lines.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { openInstance } from '../../src/wiring/instance.ts';
import { openProbes } from '../../src/wiring/probes.ts';
import { kindsOf } from '../../src/wiring/recovery.ts';
import { ask } from '../support/control-door.ts';
import { doorOf } from '../support/door.ts';
import { refused } from '../support/recovery-harness.ts';
import { expectNoUnhandledRejections } from '../support/unhandled.ts';

expectNoUnhandledRejections();

const tester = agent({
  name: 'tester',
  language: ['en'],
  ears: [nova()],
  model: [openai('gpt-5.4-mini'), groq('llama-3.3-70b-versatile')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091')],
  disclosure: 'I am an AI.',
  greeting: 'How can I help?',
  instructions: 'You answer briefly.',
});

const clock = systemClock;
const room = createInProcessRoom({ clock, callerKey: 'SCL_abc' });
const lines: Lines = {
  open: ({ room: name, callerKey }) => ({
    ...room,
    ...inProcessTelephones,
    leg: { room: name, callerKey },
    close: async () => {},
  }),
  participants: { remove: () => Promise.resolve(undefined) },
  egress: inProcessRecorder,
  close: async () => {},
};

/** An instance that is watched, on emulated vendors, with rooms in the process. */
async function opened(keysOf: (openai: string) => string = (key) => key) {
  const emulators = await startEmulators();
  const dataDir = await mkdtemp(join(tmpdir(), 'voicechart-recovery-'));
  const reading = readConfig({
    ...emulators.env,
    OPENAI_API_KEY: keysOf(emulators.env['OPENAI_API_KEY']!),
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'a-secret-that-is-long-enough-for-livekit',
    DATA_DIR: dataDir,
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const log = createLogger({ level: 'silent' });
  const parts = { ...reading, agents: [tester], lines, posture: openPosture(log), clock, log };
  const instance = await openInstance({ ...parts, probes: await openProbes(parts) });
  onTestFinished(async () => {
    await instance.close();
    await emulators.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const door = doorOf(instance.care.routes);
  const view = async () => (await ask(door, 'GET', '/v1/recovery')).body;
  const course = async () => (await view()).value.course;
  const alerts = async (): Promise<string[]> =>
    (await ask(door, 'GET', '/v1/alerts')).body.alerts
      .filter(({ kind }: any) => kind === 'recovery_escalated')
      .map(({ target, state }: any) => `${target} ${state}`);
  const good = emulators.env['OPENAI_API_KEY'];
  return { emulators, care: instance.care, door, view, course, alerts, secrets: reading.secrets, good };
}

describe('recovery of an instance', () => {
  test('D8.3 D8.8 a vendor that refuses our key is looked at, escalated, and acknowledged once it takes it again', async () => {
    const { emulators, care, door, view, course, alerts } = await opened();
    await expect.poll(course).toEqual({ running: 'monitoring' });
    emulators.openai.faults.add({ kind: 'status', status: 401 });
    care.statuses.tell({ target: 'openai', status: 'unhealthy', failure: refused, at: clock.now() });
    await expect.poll(course, { timeout: 5000 }).toBe('awaitingManualFix');
    expect((await view()).journal).toMatchObject([
      { box: 'refreshingToken', target: 'openai', failure: { retryable: false } },
      { box: 'retrying', target: 'openai', failure: { class: 'auth', httpStatus: 401 } },
      { box: 'alerting', target: 'openai', did: expect.stringContaining('alert') },
    ]);
    expect(await alerts()).toEqual(['openai open']);

    emulators.openai.faults.clear();
    expect(await ask(door, 'POST', '/v1/recovery/acknowledge', {})).toMatchObject({ status: 202 });
    await expect.poll(course, { timeout: 5000 }).toEqual({ running: 'monitoring' });
    expect((await view()).incidents).toEqual([]);
    expect(await alerts()).toEqual(['openai resolved']);
  });

  test('D8.3 a vendor that knows our key no longer is asked by the next one, by calls and looks alike', async () => {
    const { care, view, secrets, good } = await opened((key) => `${key},sk-of-tomorrow`);
    await expect.poll(async () => (await view()).value.course).toEqual({ running: 'monitoring' });
    secrets.vendors.openai!.use(secrets.vendors.openai!.others()[0]!);
    care.statuses.tell({ target: 'openai', status: 'unhealthy', failure: refused, at: clock.now() });
    await expect.poll(async () => (await view()).journal.length, { timeout: 5000 }).toBe(2);
    expect((await view()).journal).toMatchObject([
      {
        box: 'refreshingToken',
        did: expect.stringMatching(
          /^openai is asked by the key \w{8} instead of \w{8}; renewed the pool of tester to openai\/gpt/,
        ),
      },
      { box: 'retrying', did: expect.stringContaining('openai answers GET /models') },
    ]);
    expect(secrets.vendors.openai!.reveal()).toBe(good);
  });

  test('D8.4 a vendor that fails is avoided where another of its kind works', async () => {
    const { emulators, care, course } = await opened();
    await expect.poll(course).toEqual({ running: 'monitoring' });
    emulators.openai.faults.add({ kind: 'status', status: 402 });
    const spent = { ...refused, class: 'api', sub: 'quota', httpStatus: 402 } as const;
    care.statuses.tell({ target: 'openai', status: 'unhealthy', failure: spent, at: clock.now() });
    await expect.poll(() => care.posture.now().avoid, { timeout: 5000 }).toEqual(['openai']);
    expect(care.posture.now()).toMatchObject({ mode: 'normal', livekitHost: 'primary' });
  });

  test('vendors that stand in for each other are those of one agent’s list, each list once', () => {
    expect(kindsOf([tester, { ...tester, voice: tester.voice }])).toEqual([
      ['deepgram'],
      ['openai', 'groq'],
      ['cartesia'],
    ]);
  });
});
