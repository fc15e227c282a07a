import { type AnyActorLogic, createActor, createMachine } from 'xstate';
import { describe, expect, onTestFinished, test } from 'vitest';
import { dial } from '../../src/actors/dial.ts';
import type { DialOutcome, LegOrder } from '../../src/actors/dialer.ts';
import { transferCall } from '../../src/actors/transfer.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const clock = createVirtualClock(5);
const leg = { room: 'r', callerKey: 'out-1' };
const call = { leg, room: { hangUp: async () => undefined }, isOver: () => false };
const wanted = { to: '+49301', ringMs: 5_000, maxCallMs: 600_000 };
const people = { frontDesk: { to: 'tel:+49301' } };

/** Runs an actor under a machine that only notes what it reports. */
function running(src: AnyActorLogic, input: object) {
  const facts: unknown[] = [];
  const machine = createMachine({ invoke: { src, input }, on: { '*': { actions: ({ event }) => facts.push(event) } } });
  const actor = createActor(machine);
  actor.start();
  onTestFinished(() => void actor.stop());
  return { facts, stop: () => void actor.stop() };
}

/** A store that says when it has taken what is meant. */
function store() {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  return { intentions: { committed: () => promise }, answers: resolve };
}

/** A gateway that notes what it is asked, and answers. */
function gateway() {
  const dialled: LegOrder[] = [];
  const referred: unknown[][] = [];
  const dialer = {
    dial: async (order: LegOrder, _options: { readonly signal: AbortSignal }) => (
      dialled.push(order),
      { result: 'answered' as const }
    ),
    find: async () => 'nowhere' as const,
  };
  const transfer = { refer: async (...asked: unknown[]) => (referred.push(asked), { result: 'done' as const }) };
  return { dialled, referred, dialer, transfer };
}

const actor = (given: ReturnType<typeof gateway>, { intentions }: ReturnType<typeof store>) =>
  transferCall({ transfer: given.transfer, room: 'r', people }, intentions, clock);

const settled = () => new Promise((resolve) => void setImmediate(resolve));
const wish = { identity: 'sip_1', to: 'frontDesk', ringMs: 20_000 };

describe('dialling', () => {
  test('R3.4 waits until it is stored, and dials once', async () => {
    const { intentions, answers } = store();
    const { dialer, dialled } = gateway();
    const { facts } = running(dial(dialer, call, intentions, clock), wanted);
    await settled();
    expect(dialled).toEqual([]);
    answers(true);
    await settled();
    expect(dialled).toEqual([{ ...leg, ...wanted }]);
    expect(facts).toEqual([{ type: 'dial.answered', at: 5 }]);
  });

  test('R3.4 stopped before it is stored it dials nobody; nor when it cannot be', async () => {
    const { dialer, dialled } = gateway();
    const late = store();
    running(dial(dialer, call, late.intentions, clock), wanted).stop();
    late.answers(true);
    const refused = store();
    const { facts } = running(dial(dialer, call, refused.intentions, clock), wanted);
    refused.answers(false);
    await settled();
    expect(dialled).toEqual([]);
    expect(facts).toMatchObject([{ type: 'dial.failed', outcome: { result: 'failed' } }]);
  });

  test('R3.4 stopped meanwhile its dialer is told so, and reports nothing', async () => {
    const { intentions, answers } = store();
    const [asked, outcome] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<DialOutcome>()];
    const dialer = {
      dial: (_: LegOrder, { signal }: { readonly signal: AbortSignal }) => (asked.resolve(signal), outcome.promise),
      find: async () => 'nowhere' as const,
    };
    const { facts, stop } = running(dial(dialer, call, intentions, clock), wanted);
    answers(true);
    const signal = await asked.promise;
    expect(signal.aborted).toBe(false);
    stop();
    expect(signal.aborted).toBe(true);
    outcome.resolve({ result: 'answered' });
    await settled();
    expect(facts).toEqual([]);
  });

  test.each([
    ['goes on', false, 0],
    ['is over', true, 1],
  ])('R3.4 somebody who answers when the call %s: the room is ended so often again', async (_, over, times) => {
    const { intentions, answers } = store();
    let ended = 0;
    const room = { hangUp: async () => void (ended += 1) };
    running(dial(gateway().dialer, { leg, room, isOver: () => over }, intentions, clock), wanted);
    answers(true);
    await settled();
    expect(ended).toBe(times);
  });
});

describe('putting through', () => {
  test('R3.4 waits until it is stored, and calls the number that is configured', async () => {
    const [given, notes] = [gateway(), store()];
    const { facts } = running(actor(given, notes), wish);
    await settled();
    expect(given.referred).toEqual([]);
    notes.answers(true);
    await settled();
    expect(given.referred).toEqual([[{ room: 'r', identity: 'sip_1' }, 'tel:+49301', { ringMs: 20_000 }]]);
    expect(facts).toEqual([{ type: 'transfer.done', at: 5 }]);
  });

  test.each([
    ['cannot be stored', wish, false],
    ['is for somebody who is not configured', { ...wish, to: '+49900' }, true],
    ['is for a name that every object has', { ...wish, to: 'constructor' }, true],
  ])('R3.4 one that %s calls nobody', async (_, asked, stored) => {
    const [given, notes] = [gateway(), store()];
    const { facts } = running(actor(given, notes), asked);
    notes.answers(stored);
    await settled();
    expect(given.referred).toEqual([]);
    expect(facts).toMatchObject([{ type: 'transfer.failed', outcome: { result: 'failed' } }]);
  });

  test('R3.4 stopped before it is stored it calls nobody', async () => {
    const [given, notes] = [gateway(), store()];
    running(actor(given, notes), wish).stop();
    notes.answers(true);
    await settled();
    expect(given.referred).toEqual([]);
  });
});
