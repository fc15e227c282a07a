import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextLoop } from 'node:timers/promises';
import { fromCallback } from 'xstate';
import { expect, onTestFinished, test } from 'vitest';
import { record } from '../../src/actors/record.ts';
import { openSqlite } from '../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../src/clock.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import type { CallEvent } from '../../src/machines/call/events.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import { caller, hotel } from '../support/call-harness.ts';
import { recordOnDisk } from '../support/disk.ts';
import { egressBedOn } from '../support/egress-bed.ts';

const callKey = 'room~SCL_1';
const inert = fromCallback<any, any>(() => undefined);

/** A call on a SQLite file that is to be recorded, over a recorder in memory. */
async function recorded() {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-recorded-'));
  const clock = systemClock;
  const { store, log, egresses, close } = await openSqlite({ dir, clock });
  const bed = egressBedOn(clock, egresses);
  await store.ingest({ id: 'EV_1', callKey, at: 0, fact: { type: 'door.caller_joined', room: 'room', caller } });
  onTestFinished(async () => {
    await close();
    rmSync(dir, { recursive: true });
  });
  async function own(commit: CallStore['commit'] = (given) => store.commit(given)) {
    const { epoch } = (await store.claim(callKey))!;
    const before = await store.load(callKey);
    const book = await bed.open([callKey]);
    const recorder = book.recorder({ callKey, room: 'room' });
    const intentions = { committed: (): Promise<boolean> => host.committed() };
    const others = { joinRoom: inert, hangUp: inert, dial: inert, findLeg: inert, transfer: inert, watchVoice: inert };
    const reply = createReply({ think: inert, speak: inert, playClip: inert, runTools: inert });
    const host = createCallHost({
      callKey,
      room: 'room',
      epoch,
      livekitHost: 'localhost',
      agent: { ...hotel, greeting: '', recording: {} },
      machine: createCall({
        ...others,
        transcribe: inert,
        play: inert,
        reply,
        record: record(recorder, intentions, clock),
      }),
      clock,
      store: { ...store, commit },
      log,
      ...(before && { record: before }),
    });
    onTestFinished(() => host.abandon());
    const recording = () => (host.value() as { live: { recording: unknown } }).live.recording;
    return { host, book, recording };
  }
  return { ...bed, own, egresses, onDisk: () => recordOnDisk(dir, callKey) };
}

type Owner = Awaited<ReturnType<Awaited<ReturnType<typeof recorded>>['own']>>;

/** The caller hears the whole disclosure. */
function disclose({ host }: Owner): void {
  const words = hotel.disclosure.split(' ');
  const facts = [
    { type: 'line.joined' },
    { type: 'stt.opened' },
    { type: 'caller.joined', caller },
    { type: 'caller.answered' },
    { type: 'playback.heard', turn: 1, words, heardMs: 2000 },
  ];
  for (const fact of facts) host.send({ at: systemClock.now(), ...fact } as CallEvent);
}

const starts = (asked: readonly string[]) => asked.filter((each) => each === 'start').length;

test('R4.1 a recording is asked for when the call and the egress are both on the disk', async () => {
  const { own, livekit, egresses, onDisk } = await recorded();
  const seen: unknown[] = [];
  const start = livekit.egress.start;
  Object.assign(livekit.egress, {
    start: async (order: never) => {
      seen.push(onDisk(), await egresses.ofCall(callKey));
      return start(order);
    },
  });
  const owner = await own();
  disclose(owner);
  await expect.poll(() => livekit.all()).toHaveLength(1);
  expect(seen).toMatchObject([
    { value: { live: { recording: { kept: 'starting' } } } },
    { callKey, value: { life: 'asking' } },
  ]);
  expect(livekit.orders).toEqual([
    {
      source: { kind: 'room', room: 'room', only: 'audio' },
      outputs: [{ type: 'ogg', path: 'calls/e1.ogg', storage: 'local' }],
    },
  ]);
  await owner.book.told(livekit.becomes('EG_1', 'active')!);
  expect(owner.recording()).toEqual({ kept: 'on' });
  expect(await owner.book.recordingOf(callKey)).toMatchObject({ id: 'e1', call: callKey, state: 'active' });
});

test.each([
  ['cannot take it', () => Promise.reject(new Error('disk full'))],
  ['takes it from another owner', () => Promise.resolve('fenced' as const)],
])('R4.1 nothing is recorded when the store %s', async (_, commit) => {
  const { own, livekit } = await recorded();
  const owner = await own(commit);
  disclose(owner);
  await expect.poll(owner.recording).not.toBe('off');
  for (let loop = 0; loop < 20; loop += 1) await nextLoop(); // oxlint-disable-line no-await-in-loop
  expect(await owner.book.recordingOf(callKey)).toBeUndefined();
  expect(livekit.asked).toEqual([]);
});

test.each(['answers', 'silent'] as const)(
  'R4.1 the next owner takes up the recording (%s), and there is one',
  async (manner) => {
    const { own, livekit } = await recorded();
    livekit.manner(manner);
    const first = await own();
    disclose(first);
    await expect.poll(() => livekit.all()).toHaveLength(1);
    await first.host.abandon();
    await first.book.close();
    livekit.manner('answers');
    const second = await own();
    await second.book.told(livekit.becomes('EG_1', 'active')!);
    await expect.poll(second.recording).toEqual({ kept: 'on' });
    expect(starts(livekit.asked)).toBe(1);
    expect(livekit.all()).toHaveLength(1);
  },
);

test('R4.1 the next owner is told of a recording that ended meanwhile', async () => {
  const { own, livekit } = await recorded();
  const first = await own();
  disclose(first);
  await expect.poll(async () => (await first.book.recordingOf(callKey))?.egressId).toBe('EG_1');
  await first.host.abandon();
  await first.book.told(livekit.becomes('EG_1', 'failed', { error: 'no space left' })!);
  await first.book.close();
  const second = await own();
  await expect.poll(second.recording).toBe('failed');
  expect(second.host.context().recording).toEqual({ state: 'failed', why: 'no space left' });
  expect(starts(livekit.asked)).toBe(1);
});

test('R4.1 what the owner of a call left behind is ended when the call is over', async () => {
  const { own, livekit } = await recorded();
  const owner = await own();
  disclose(owner);
  await expect.poll(() => livekit.all()).toHaveLength(1);
  owner.book.callEnded(callKey);
  await expect.poll(() => livekit.all()).toMatchObject([{ status: 'ending' }]);
});
