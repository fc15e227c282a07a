import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { fromCallback } from 'xstate';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { agentTools, runTools } from '../../src/actors/run-tools.ts';
import { openSqlite } from '../../src/adapters/sqlite/stores.ts';
import { tool } from '../../src/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import type { CallEvent } from '../../src/machines/call/events.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import type { CallRecord, CallStore } from '../../src/runtime/call-store.ts';
import { caller, deciding, hotel } from '../support/call-harness.ts';
import { recordOnDisk, toolsIn } from '../support/disk.ts';

const callKey = 'room~SCL_1';
const joined = { type: 'door.caller_joined', room: 'room', caller } as const;
const inert = fromCallback<any, any>(() => undefined);

/** A call's host on a SQLite file, whose model wants to book at once; how the store answers to that intention is the test's. */
async function booking(answer: (store: CallStore, record: CallRecord) => ReturnType<CallStore['commit']>) {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-intended-'));
  const { store, log, close } = await openSqlite({ dir, clock: systemClock });
  await store.ingest({ id: 'EV_1', callKey, at: 0, fact: joined });
  const { epoch } = (await store.claim(callKey))!;
  /** What was on the disk each time the tool ran. */
  const runs: unknown[] = [];
  const book = tool({
    about: 'Books.',
    input: z.object({}),
    run() {
      runs.push(toolsIn(recordOnDisk(dir, callKey)).map(({ name, effect, text }) => ({ name, effect, text })));
      return 'booked';
    },
  });
  const calls = [{ id: 'c1', name: 'book', input: '{}' }];
  const think = fromCallback<any, any>(({ sendBack, input }) => {
    const isFirst = input.messages.at(-1).role === 'user';
    sendBack(isFirst ? { type: 'model.tools', calls, at: 0 } : { type: 'model.finished', reason: 'stop', at: 0 });
  });
  const intentions = { committed: (): Promise<boolean> => host.committed() };
  const tools = runTools(agentTools({ tools: { book } }), systemClock, intentions);
  const reply = createReply({ think, speak: inert, playClip: inert, runTools: tools });
  const others = {
    joinRoom: inert,
    hangUp: inert,
    dial: inert,
    findLeg: inert,
    transfer: inert,
    watchVoice: inert,
    transcribe: inert,
    play: inert,
    record: inert,
  };
  const host = createCallHost({
    callKey,
    room: 'room',
    epoch,
    livekitHost: 'localhost',
    agent: { ...hotel, disclosure: '', greeting: '', ears: [deciding], speculate: false },
    machine: createCall({ ...others, reply }),
    clock: systemClock,
    store: { ...store, commit: (record) => (toolsIn(record)[0] ? answer(store, record) : store.commit(record)) },
    log,
  });
  onTestFinished(async () => {
    await host.abandon();
    await close();
    rmSync(dir, { recursive: true });
  });
  const happened = [
    { type: 'line.joined' },
    { type: 'stt.opened' },
    { type: 'caller.joined', caller },
    { type: 'caller.answered' },
    { type: 'caller.voice_started', onsetMs: 60, levelDb: -20 },
    { type: 'caller.voice_stopped', quietMs: 120, echo: false },
    { type: 'stt.turn_ended', utterance: 1, text: 'Book it.' },
  ];
  for (const fact of happened) host.send({ at: systemClock.now(), ...fact } as CallEvent);
  const booked = () => host.context().history.find((line) => line.who === 'tool');
  return { host, runs, booked };
}

test('S1 a tool that must not happen twice runs only when its start is on the disk', async () => {
  const asked = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { runs, booked } = await booking(async (store, record) => {
    asked.resolve();
    await gate.promise;
    return store.commit(record);
  });
  await asked.promise;
  for (let loop = 0; loop < 20; loop += 1) await nextLoop(); // oxlint-disable-line no-await-in-loop
  expect(booked()).toMatchObject({ name: 'book', effect: 'once' });
  expect(runs).toEqual([]);
  gate.resolve();
  await expect.poll(() => booked()?.text).toBe('booked');
  expect(runs).toEqual([[{ name: 'book', effect: 'once', text: undefined }]]);
});

test('S1 and not at all when the store cannot take it, which the model is told', async () => {
  const { runs, booked } = await booking(() => Promise.reject(new Error('disk full')));
  await expect.poll(() => booked()?.ok).toBe(false);
  expect(booked()!.text).toContain('could not be noted beforehand');
  expect(runs).toEqual([]);
});

test('S1 nor by an owner that the call was taken from', async () => {
  const { host, runs } = await booking(() => Promise.resolve('fenced'));
  await host.ended;
  for (let loop = 0; loop < 20; loop += 1) await nextLoop(); // oxlint-disable-line no-await-in-loop
  expect(runs).toEqual([]);
});
