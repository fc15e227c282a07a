import { describe, expect, it } from 'vitest';
import { builtInPhrases } from '../../src/agent.ts';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { restoredSnapshot } from '../../src/runtime/restore.ts';
import { caller, createCallHarness, spoken } from '../support/call-harness.ts';
import { saved } from '../support/call-moments.ts';
import { starts } from '../support/call-plays.ts';

const { unavailable, puttingThrough, apology, goodbye } = builtInPhrases['en']!;

/** A call that begins in failsafe mode, whose telephone was just answered. */
async function answered(people: readonly string[] = ['person'], kind: 'sip' | 'standard' = 'sip') {
  const call = createCallHarness({ people }, { failsafe: true });
  call.send({ type: 'line.joined' });
  call.send({ type: 'caller.joined', caller: { ...caller, kind } });
  call.send({ type: 'caller.answered' });
  return call;
}

const standIns = (call: Awaited<ReturnType<typeof answered>>) =>
  call.deeds.flatMap((deed) => (deed.actor === 'clip' && deed.did === 'start' ? [deed.input.texts] : []));

/** No voice can be had: what was stored stands in, and is heard. */
async function heard(call: Awaited<ReturnType<typeof answered>>, texts: readonly string[]) {
  call.report('speak', { type: 'voice.failed', failure: { vendor: 'none', retryable: false } });
  expect(standIns(call).at(-1)).toEqual(texts);
  call.report('clip', { type: 'clip.played_out', text: texts.join(' ') });
  await spoken(call, texts.join(' '));
}

describe('failsafe', () => {
  it('D8.4 a new caller hears the stored notice to the end and is put through, and no model is asked', async () => {
    const call = await answered();
    await heard(call, [unavailable, puttingThrough]);
    expect(starts(call, 'transfer')).toEqual([{ identity: caller.identity, to: 'person', ringMs: 20_000 }]);
    expect(call.context().history.find(({ who }) => who === 'tool')).toMatchObject({ effect: 'once' });
    call.report('transfer', { type: 'transfer.done' });
    await call.clock.advance(3000);
    expect([call.context().why, starts(call, 'think')]).toEqual(['transferred', []]);
  });

  it.each(['nobody is configured', 'it is no telephone'])(
    'D8.4 where %s the notice ends in a goodbye',
    async (case_) => {
      const call = await (case_ === 'it is no telephone' ? answered(['person'], 'standard') : answered([]));
      await heard(call, [unavailable, goodbye]);
      await call.clock.advance(1000);
      expect([call.context().why, starts(call, 'transfer')]).toEqual(['failsafe', []]);
    },
  );

  it('D8.4 bad input: a person who does not answer leaves the caller with an apology, and the call is over', async () => {
    const call = await answered();
    await heard(call, [unavailable, puttingThrough]);
    call.report('transfer', { type: 'transfer.failed', outcome: { result: 'no_answer' } });
    await heard(call, [apology, goodbye]);
    await call.clock.advance(1000);
    expect([call.context().why, starts(call, 'think')]).toEqual(['failsafe', []]);
  });

  it('D8.4 S3 restored before it was put through the caller hears the notice again; afterwards nobody is called again', async () => {
    const before = await answered();
    const again = restored(before);
    await heard(again, [unavailable, puttingThrough]);
    expect(starts(again, 'transfer')).toHaveLength(1);
    const after = restored(again);
    await heard(after, [apology, goodbye]);
    expect(starts(after, 'transfer')).toEqual([]);
  });
});

function restored(call: Awaited<ReturnType<typeof answered>>) {
  const next = createCallHarness({}, { snapshot: restoredSnapshot(bareCall, saved(call).record) });
  next.send({ type: 'call.restored', epoch: 2 });
  next.send({ type: 'line.joined' });
  next.send({ type: 'caller.joined', caller });
  return next;
}
