import { type AnyActorRef, createActor, setup } from 'xstate';
import { describe, expect, it } from 'vitest';
import { at, delaysMs } from '../../src/machines/deadlines.ts';
import { rearm, restorable, restoredSnapshot, timersOf } from '../../src/runtime/restore.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

/** Waits on a wall timer and on a conversational one, side by side. */
const machine = setup({ types: { context: {} as { said: string[] } }, delays: delaysMs }).createMachine({
  id: 'toy',
  type: 'parallel',
  context: { said: [] },
  states: {
    ring: { initial: 'on', states: { on: { after: { [at.callerAnswers]: 'off' }, on: { answer: 'off' } }, off: {} } },
    talk: {
      initial: 'brief',
      states: {
        brief: { after: { [at.restoreVoice]: 'quiet' } },
        quiet: { after: { [at.callerSilent]: 'over' } },
        over: {},
      },
    },
  },
});

/** Saves after `ranMs`, restores in another process `awayMs` later. */
async function taken(ranMs: number, awayMs: number) {
  const clock = createVirtualClock(1_000_000);
  const dueAt = new Map<string, number>();
  const first = createActor(machine, { clock });
  first.system.inspect(() => noteDue(first, clock, dueAt));
  first.start();
  await clock.advance(ranMs);
  const saved = { ...restorable(first.getSnapshot()), timers: timersOf(first, (key) => dueAt.get(key)) };
  first.stop();
  await clock.advance(awayMs);
  const record = JSON.parse(JSON.stringify(saved)) as typeof saved;
  const actor = createActor(machine, { clock, snapshot: restoredSnapshot(machine, record) }).start();
  rearm(actor, record.timers, clock.now());
  return { clock, actor, record, value: () => actor.getSnapshot().value };
}

function noteDue(actor: AnyActorRef, clock: VirtualClock, dueAt: Map<string, number>) {
  // oxlint-disable-next-line no-underscore-dangle
  for (const [key, { delay }] of Object.entries(actor.system.getSnapshot()._scheduledEvents))
    if (!dueAt.has(key)) dueAt.set(key, clock.now() + delay);
}

describe('timers of a restored machine', () => {
  it('are saved by name with the time of the host’s own clock', async () => {
    const { record } = await taken(1000, 0);
    expect(record.timers).toEqual([
      {
        id: 'xstate.after.callerAnswers.toy.ring.on',
        event: { type: 'xstate.after.callerAnswers.toy.ring.on' },
        dueAt: 1_180_000,
        kind: 'wall',
      },
      {
        id: 'xstate.after.callerSilent.toy.talk.quiet',
        event: { type: 'xstate.after.callerSilent.toy.talk.quiet' },
        dueAt: 1_007_250,
        kind: 'conversational',
      },
    ]);
  });

  it('keep their moment when they are of the wall, also when it has passed', async () => {
    const { clock, value } = await taken(1000, 170_000);
    await clock.advance(8999);
    expect(value()).toMatchObject({ ring: 'on' });
    await clock.advance(1);
    expect(value()).toMatchObject({ ring: 'off' });
    const late = await taken(1000, 200_000);
    await late.clock.advance(0);
    expect(late.value()).toMatchObject({ ring: 'off' });
  });

  it('begin again when they are of the conversation, with at least two seconds', async () => {
    const { clock, value } = await taken(6000, 60_000);
    await clock.advance(6999);
    expect(value()).toMatchObject({ talk: 'quiet' });
    await clock.advance(1);
    expect(value()).toMatchObject({ talk: 'over' });
    const brief = await taken(100, 60_000);
    await brief.clock.advance(1999);
    expect(brief.value()).toMatchObject({ talk: 'brief' });
    await brief.clock.advance(1);
    expect(brief.value()).toMatchObject({ talk: 'quiet' });
  });

  it('are gone once their state is left', async () => {
    const { clock, actor } = await taken(1000, 0);
    actor.send({ type: 'answer' });
    expect(timersOf(actor, () => 0).map(({ id }) => id)).toEqual(['xstate.after.callerSilent.toy.talk.quiet']);
    await clock.advance(200_000);
    expect(actor.getSnapshot().value).toEqual({ ring: 'off', talk: 'over' });
  });
});

it('a saved value that the machine does not know is refused', () => {
  expect(() => restoredSnapshot(machine, { value: { ring: 'gone' }, context: {} })).toThrow('gone');
});
