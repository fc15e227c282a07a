import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rule } from '../../emulators/openai/script.ts';
import { answered, ask, greeted } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { isEnd, isEvent } from '../support/call-story.ts';
import {
  callerWho,
  callOut,
  type Deeds,
  killOwner,
  openDeeds,
  putThrough,
  shown,
  silenceAfter,
  toldOf,
} from '../support/deeds.ts';
import type { Instances } from '../support/instances.ts';

const desk = 'tel:+49301';

const rules: readonly Rule[] = [
  ...['book', 'hold', 'price'].flatMap((name): Rule[] => [
    { user: name, tools: [{ name, input: { nights: 2 } }] },
    { tool: name, text: `Done with ${name}.` },
  ]),
  { user: 'person', tools: [{ name: 'transfer_call', input: { to: 'frontDesk' } }] },
  { tool: 'transfer_call', text: 'Nobody knows.' },
];

const noted = (world: Instances, line: string) =>
  eventually(
    () => world.toolRuns(),
    (runs) => runs.some((run) => run.startsWith(line)),
  );

/** An instance that died is followed by another after 3 to 4 s; on a busy machine that takes longer. */
const longestSilenceMs = 10_000;

/** The owner of a call dies in the middle of what it does; how often it was done is counted by whoever does it. */
describe('an instance is killed', () => {
  let deeds: Deeds;
  beforeAll(async () => {
    deeds = await openDeeds(rules);
  });
  afterAll(() => deeds?.close());

  test('S3 S1 while a tool of effect once runs: it is not run again, and the model is told that nobody knows', () =>
    deeds.play(async (world) => {
      const call = await callerWho(world, 'please book');
      await noted(world, 'book begins');
      const killedAt = await killOwner(world, call.callKey);
      await answered(call, /Done with book/);
      const silenceMs = await silenceAfter(call, killedAt);
      console.log(`killed in a tool of effect once: ${silenceMs} ms of silence`);
      expect(world.toolRuns()).toEqual(['book begins']);
      expect(JSON.parse(toldOf(world, 'book'))).toMatchObject({ error: { code: 'outcome_unknown' } });
      expect(silenceMs).toBeLessThan(longestSilenceMs);
    }));

  test.each(['hold', 'price'])('S3 S1 while the tool %s runs, which may be repeated: it is run again', (name) =>
    deeds.play(async (world) => {
      const call = await callerWho(world, `please ${name}`);
      await noted(world, `${name} begins`);
      const killedAt = await killOwner(world, call.callKey);
      const silenceMs = await silenceAfter(call, killedAt);
      await answered(call, new RegExp(`Done with ${name}`));
      console.log(`killed in the tool ${name}: ${silenceMs} ms of silence`);
      const [begun, again, done, ...more] = world.toolRuns();
      // Lines of `hold` end in its key.
      expect([again, done]).toEqual([begun, begun!.replace('begins', 'ends')]);
      expect(more).toEqual([]);
      expect(toldOf(world, name)).toMatch(/180 euros|held for 2 nights/);
      expect(silenceMs).toBeLessThan(longestSilenceMs);
    }),
  );

  test('S3 R3.4 while a telephone rings: it rings on, was called once, and whoever answers hears the next owner', () =>
    deeds.play(async (world) => {
      const to = '+493011111';
      deeds.front.settings.change({ callees: { [to]: { does: 'ring' } } });
      const call = await callOut(world, to);
      const callee = await deeds.front.called(to);
      await eventually(
        () => callee.status,
        (status) => status === 'ringing',
      );
      await killOwner(world, call.callKey);
      await call.until((entry) => JSON.stringify(entry.data).includes('"dialing":"adopted"'));
      await callee.answer();
      await callee.phone.when('heard.word', ({ text }) => text === 'help?');
      expect(await shown(world, call.callKey)).toMatchObject({ outcome: { result: 'answered' } });
      expect(deeds.front.calls().filter(({ outgoing }) => outgoing.number === to)).toHaveLength(1);
      await callee.hangUp();
      await call.until(isEnd);
    }));

  test('S3 R3.4 while a telephone rings, and it is declined before anybody goes on: the outcome is unknown, and it is not called again', () =>
    deeds.play(async (world) => {
      const to = '+493022222';
      deeds.front.settings.change({ callees: { [to]: { does: 'ring' } } });
      const call = await callOut(world, to);
      const callee = await deeds.front.called(to);
      await call.until((entry) => JSON.stringify(entry.data).includes('"dialing":"calling"'));
      await killOwner(world, call.callKey);
      await callee.refuse(603);
      await call.until(isEnd);
      expect(await shown(world, call.callKey)).toMatchObject({ outcome: { result: 'unknown' }, why: 'dial unknown' });
      expect(deeds.front.calls().filter(({ outgoing }) => outgoing.number === to)).toHaveLength(1);
    }));

  const referred = (callId: string) =>
    deeds.front.journal.entries({ type: 'transfer.referred' }).filter((entry) => entry['call'] === callId);

  const referring = (callId: string) =>
    deeds.front.journal.waitFor(({ type, call }) => type === 'transfer.referred' && call === callId);

  test('S3 R3.4 while the model has a caller put through: nobody is called again, and the model is told that nobody knows', () =>
    deeds.play(async (world) => {
      deeds.front.settings.change({ transfers: { [desk]: { does: 'fail', status: 486, afterMs: 1500 } } });
      const call = await callerWho(world, 'a person');
      deeds.front.adopt(call.phone);
      await referring(call.phone.callId);
      const killedAt = await killOwner(world, call.callKey);
      await answered(call, /Nobody knows/);
      const silenceMs = await silenceAfter(call, killedAt);
      console.log(`killed in a transfer: ${silenceMs} ms of silence`);
      expect(JSON.parse(toldOf(world, 'transfer_call'))).toMatchObject({ error: { code: 'outcome_unknown' } });
      expect(referred(call.phone.callId)).toHaveLength(1);
      expect(silenceMs).toBeLessThan(longestSilenceMs);
    }));

  test('S3 R3.4 while an operator has a caller put through: who answers late gets him, by the one request there was', () =>
    deeds.play(async (world) => {
      deeds.front.settings.change({ transfers: { [desk]: { does: 'accept', afterMs: 12_000 } } });
      const call = await world.dial();
      deeds.front.adopt(call.phone);
      await greeted(call);
      expect(await putThrough(world, call.callKey)).toBe(202);
      await referring(call.phone.callId);
      const killedAt = await killOwner(world, call.callKey);
      const silenceMs = await silenceAfter(call, killedAt);
      await call.until(isEnd);
      console.log(`killed in an operator's transfer: ${silenceMs} ms of silence, then "${call.story().ended}"`);
      expect(referred(call.phone.callId)).toHaveLength(1);
      expect(silenceMs).toBeLessThan(longestSilenceMs);
    }));

  const moments = [
    ['is being kept', {}],
    ['was asked for and nobody has answered', { apiMs: 4000, activeMs: 3000 }],
  ] as const;

  test.each(moments)('S3 R4.1 while a recording %s: it goes on, there is one, and its file is told', (_, recording) =>
    deeds.play(
      async (world) => {
        deeds.front.settings.change({ recording: { ...recording } });
        const call = await world.dial();
        if ('apiMs' in recording)
          await deeds.front.journal.waitFor(({ type, room }) => type === 'egress.asked' && room === call.room);
        else await call.until(isEvent('recording.started'));
        await killOwner(world, call.callKey);
        await call.until((entry) => entry.kind === 'call' && entry.data.what === 'restored');
        await eventually(
          () => shown(world, call.callKey),
          (view) => view.recording?.state === 'active',
        );
        await ask(call, 'the price', /Done with price/);
        await call.phone.hangUp();
        const view = await eventually(
          () => shown(world, call.callKey),
          ({ recording: kept }) => kept?.state === 'complete',
        );
        const [file, ...more] = view.recording!.files;
        expect(more).toEqual([]);
        expect((await stat(file!.location)).size).toBe(file!.sizeBytes);
        expect(await deeds.recordings(call.room)).toHaveLength(1);
      },
      { CLERK_RECORDS: '1' },
    ),
  );

  test('S3 R4.1 while the file of a call that is over is being finished: the end and the file are known all the same', () =>
    deeds.play(
      async (world) => {
        deeds.front.settings.change({ recording: { completeMs: 8000 } });
        const call = await world.dial();
        await call.until(isEvent('recording.started'));
        const owner = (await world.ownerOf(call.callKey))!;
        const inState = (state: string) =>
          eventually(
            () => shown(world, call.callKey),
            (view) => view.recording?.state === state,
          );
        await call.phone.hangUp();
        await inState('ending');
        await owner.kill();
        const { recording } = await inState('complete');
        expect(recording!.files).toHaveLength(1);
        expect(await deeds.recordings(call.room)).toHaveLength(1);
      },
      { CLERK_RECORDS: '1' },
    ));
});
