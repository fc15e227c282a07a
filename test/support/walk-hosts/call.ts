import type { AnyActorRef } from 'xstate';
import type { CallMachine } from '../../../src/machines/call/call.machine.ts';
import type { CallLog } from '../../../src/runtime/call-log.ts';
import { createCallHost } from '../../../src/runtime/call-host.ts';
import type { CallRecord, CallStore } from '../../../src/runtime/call-store.ts';
import { hotel } from '../call-harness.ts';
import { withReply } from '../region-machines.ts';
import type { WalkClock } from '../walk-clock.ts';
import { type Host, type Hosted, waitsOf } from '../walk-life.ts';
import { same, stateOf, turns } from './shared.ts';

/** Waits for something that takes a pause of the host now and again. */
async function passing(clock: WalkClock, work: Promise<unknown>): Promise<void> {
  const done = new Set<unknown>();
  void work.then((value) => done.add(value));
  for (let turns = 0; done.size === 0 && turns < 1000; turns += 1) {
    clock.pass();
    // oxlint-disable-next-line no-await-in-loop -- promises go on between turns
    await Promise.resolve();
  }
}

/** What a call that goes on has in its store and its log, compared with where it stands. */
function unkept(call: AnyActorRef, record: CallRecord | undefined, told: unknown): string[] {
  const { value, context } = stateOf(call);
  const timers = record?.timers.map(({ event }) => event.type).toSorted();
  return [
    ...(same(record?.value, value) && same(record?.context, context) ? [] : ['is not stored as it stands']),
    ...(same(
      timers,
      waitsOf(call)
        .map(({ event }) => event.type)
        .toSorted(),
    )
      ? []
      : [`stored with the timers ${timers}`]),
    ...(same(told, value) ? [] : ['is not in the log as it stands']),
  ].map((what) => `${JSON.stringify(value)} ${what}`);
}

/** A call under the host of calls. A life that ends before its call does goes on under another host. */
export const callHost: Host = (machine, clock, self) => {
  let record: CallRecord | undefined;
  let crash: unknown;
  /** What its log says of each machine last. */
  const told = new Map<string, unknown>();
  const open = (kept?: CallRecord) =>
    createCallHost({
      callKey: 'room~SCL_1',
      room: 'room',
      epoch: kept ? 2 : 1,
      livekitHost: 'ws://walk',
      agent: hotel,
      machine: machine as CallMachine,
      clock,
      store: {
        commit: async (next: CallRecord) => ((record = next), 'committed'),
      } as Partial<CallStore> as CallStore,
      log: { append: async () => 'appended' } as Partial<CallLog> as CallLog,
      notice: ({ kind, data }) => void (kind === 'state' && told.set(data.machine, data.value)),
      crashed: (error) => (crash = error),
      ...(kept && { record: kept }),
    });
  const host = open();
  async function endings(): Promise<string[]> {
    const call = callOf(self());
    const state = stateOf(call);
    if (crash !== undefined) return [`crashed: ${String(crash)}`];
    if (state.status === 'done') {
      const why = await host.ended;
      return why === (state.context.why ?? 'ended') ? [] : [`ended because ${why}, not ${state.context.why}`];
    }
    // A commit may be on its way, and another one wait for its pause.
    await turns();
    clock.pass();
    await turns();
    const wrong = unkept(call, record, told.get('call'));
    await passing(clock, host.abandon());
    return [...wrong, ...(await restored(state.value))];
  }
  async function restored(value: unknown): Promise<string[]> {
    const next = open(record);
    const stands = next.value();
    await passing(clock, next.abandon());
    return crash === undefined && stands !== undefined
      ? []
      : [`${JSON.stringify(value)} is not restored: ${String(crash)}`];
  }
  return { send: (event) => host.send(event as never), end: endings };
};

/** The call that a machine is of, itself or as a child. */
// oxlint-disable-next-line no-underscore-dangle -- XState's public name
const callOf = (actor: AnyActorRef): AnyActorRef => actor._parent ?? actor;

/** What the call tells its reply; the rest is told by actors of the reply. */
const forReply = new Set(['reply.confirm', 'reply.starved']);

/** A reply as a child of a call under the host of calls. */
export const replyHost: Host = (machine, clock, self): Hosted => {
  const call = callHost(withReply(machine), clock, self);
  return {
    send: (event) => (forReply.has(event.type) ? call.send(event) : self().send(event)),
    end: () => call.end(),
  };
};
