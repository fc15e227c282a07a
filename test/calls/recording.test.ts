import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallView } from '../../src/runtime/calls.ts';
import { ask, greeted } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { isEvent } from '../support/call-story.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { newRoomName } from '../support/hub.ts';
import { type CallRecorder, openCallRecorder, recordsForReal } from '../support/recorder-world.ts';

/** What becomes of a recording that does not come about; each leaves its call unharmed. */
const troubles = [
  ['no recorder takes it', { does: 'no_worker', apiMs: 200 }],
  ['it fails before it is active', { does: 'fail_at_start', activeMs: 100 }],
  ['nobody ever answers', { does: 'hang' }],
] as const;

/** What has been sent is held to be heard; it is on its way for so long at most. */
const mostInTransitMs = 150;

/** Words of the disclosure that the greeting has none of; one may be lost on its way. */
const disclosed = ['am', 'an', 'and', 'we', 'record.'];

const msOf = (ns: bigint): number => Number(ns / 1_000_000n);

describe.concurrent('a call of an agent that records', () => {
  let world: CallWorld;
  let recorder: CallRecorder;
  beforeAll(async () => {
    recorder = await openCallRecorder();
    world = await openCallWorld({
      ...recorder.options,
      agent: { recording: { dual: true }, disclosure: 'I am an AI and we record.' },
      emulators: { openai: { rules: [{ text: 'Ninety euros.' }] } },
    });
  });
  afterAll(async () => {
    await world?.close();
    await recorder?.close();
  });

  const shown = async ({ callKey }: TestCall): Promise<CallView> => {
    const path = `${world.doors.api.url}/v1/calls/${encodeURIComponent(callKey)}`;
    return (await (await fetch(path, { headers: world.access.headers })).json()) as CallView;
  };

  test('R4.1 D1.7 R10.3 is recorded once its disclosure was heard at the ear, and its file is linked to it', async () => {
    const call = await world.dial();
    await call.until(isEvent('recording.started'));
    await greeted(call);
    await ask(call, 'what does a room cost', /Ninety/);
    expect((await shown(call)).recording).toMatchObject({ state: 'active', call: call.callKey });
    const told = call.phone.heard().filter(({ text }) => disclosed.includes(text));
    const lastMs = told.at(-1)!.endMs;
    expect(told.length).toBeGreaterThan(3);
    const [begun, ...more] = await recorder.list(world, call.room);
    expect(more).toEqual([]);
    expect(begun!.request).toMatchObject({ case: 'roomComposite', value: { audioOnly: true, audioMixing: 1 } });
    expect(msOf(begun!.startedAt)).toBeGreaterThan(lastMs - mostInTransitMs);
    expect(msOf(begun!.fileResults[0]!.startedAt)).toBeGreaterThan(lastMs);

    await call.phone.hangUp();
    const { recording } = await eventually(
      () => shown(call),
      (view) => view.recording?.state === 'complete',
    );
    const [file] = recording!.files;
    expect(file!.location).toMatch(new RegExp(`calls/${recording!.id}\\.ogg$`));
    expect(file!.durationMs).toBeGreaterThan(500);
    expect((await stat(file!.location)).size).toBe(file!.sizeBytes);
    const [info, ...again] = await recorder.list(world, call.room);
    expect(again).toEqual([]);
    // The agent on the left, the caller on the right; the front's recorder hears both in one.
    const words = await recorder.words(world, info!);
    const [agent, others = agent] = words;
    expect(agent).toEqual(expect.arrayContaining(['Ninety', 'euros.']));
    expect(others).toEqual(expect.arrayContaining(['room', 'cost']));
    expect(words.flat().filter((word) => disclosed.includes(word))).toEqual([]);
  });

  test.skipIf(recordsForReal).each(troubles)('R4.1 goes on unharmed when %s', async (_, recording) => {
    const room = newRoomName();
    world.front!.settings.change({ recordings: { ...world.front!.settings.values.recordings, [room]: recording } });
    const call = await world.dial({ room });
    await greeted(call);
    const { line } = await ask(call, 'what does a room cost', /Ninety/);
    expect(line.text).toBe('Ninety euros.');
    expect((await shown(call)).recording?.state).not.toBe('active');
    await call.phone.hangUp();
    const view = await eventually(
      () => shown(call),
      ({ endedAt }) => endedAt !== undefined,
    );
    expect(view.why).toBe('caller hung up');
    expect(call.verdict().heardEqualsHistory).toBe(true);
  });
});
