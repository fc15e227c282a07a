import { type AnyActorRef, type AnyMachineSnapshot, createActor } from 'xstate';
import type { CallMachine } from '../../src/machines/call/call.machine.ts';
import type { AlertMachine } from '../../src/machines/alert/alert.machine.ts';
import type { AlertInput } from '../../src/machines/alert/context.ts';
import type { EgressMachine } from '../../src/machines/egress/egress.machine.ts';
import type { TokenMachine } from '../../src/machines/token/token.machine.ts';
import { createAlerting } from '../../src/runtime/alerting.ts';
import type { CallLog } from '../../src/runtime/call-log.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import type { CallRecord, CallStore } from '../../src/runtime/call-store.ts';
import { createCredential } from '../../src/runtime/credential.ts';
import { createEgressHost } from '../../src/runtime/egress-host.ts';
import type { EgressRecord } from '../../src/runtime/egress-store.ts';
import { hotel } from './call-harness.ts';
import { egressInput } from './egress-walk.ts';
import { withReply } from './region-machines.ts';
import { viewer } from './token-walk.ts';
import type { Event } from './tour.ts';
import type { WalkClock } from './walk-clock.ts';
import type { Host, Hosted } from './walk-life.ts';

const at = (clock: WalkClock, { at: ms }: Event): void => {
  if (typeof ms === 'number') clock.set(ms);
};

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

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

/** The timers that a machine waits for, by their events. */
const waitsOf = (actor: AnyActorRef): string[] =>
  Object.values(actor.system.getSnapshot()._scheduledEvents)
    .filter(({ source }) => source === actor)
    .map(({ event }) => event.type)
    .toSorted();

const stateOf = (actor: AnyActorRef) => actor.getSnapshot() as AnyMachineSnapshot;

/** What a call that goes on has in its store and its log, compared with where it stands. */
function unkept(call: AnyActorRef, record: CallRecord | undefined, told: unknown): string[] {
  const { value, context } = stateOf(call);
  const timers = record?.timers.map(({ event }) => event.type).toSorted();
  return [
    ...(same(record?.value, value) && same(record?.context, context) ? [] : ['is not stored as it stands']),
    ...(same(timers, waitsOf(call)) ? [] : [`stored with the timers ${timers}`]),
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
    await passing(clock, host.committed());
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

/** A token under the host of credentials, and a client that follows it. */
export const tokenHost: Host = (machine, clock, self) => {
  let isOver = 0;
  const follower: { gone?: AbortController } = {};
  const credential = createCredential({
    request: viewer,
    machineOf: () => machine as unknown as TokenMachine,
    clock,
    signed: async () => undefined,
    supersede: async () => undefined,
    over: () => void (isOver += 1),
  });
  async function attach(): Promise<void> {
    const gone = (follower.gone = new AbortController());
    void credential.follow({ after: 0, signal: gone.signal }).next();
  }
  async function detach(): Promise<void> {
    follower.gone?.abort();
    // The reader is told by promises.
    for (let turn = 0; turn < 5; turn += 1)
      // oxlint-disable-next-line no-await-in-loop
      await Promise.resolve();
  }
  const commands: Readonly<Record<string, () => void | Promise<void>>> = {
    'client.attached': attach,
    'client.detached': detach,
    'token.revoke': () => credential.revoke(),
    'participant.joined': () => credential.joined(),
  };
  return {
    send(event) {
      at(clock, event);
      const command = commands[event.type];
      return command ? command() : self().send(event);
    },
    async end() {
      const state = stateOf(self());
      const shouldBe = state.status !== 'active' ? 1 : 0;
      credential.stop();
      follower.gone?.abort();
      return isOver === shouldBe ? [] : [`${JSON.stringify(state.value)} was told to be over ${isOver} times`];
    },
  };
};

/** An egress under its host. */
export const egressHost: Host = (machine, clock, self) => {
  let record: EgressRecord | undefined;
  const host = createEgressHost({
    input: egressInput,
    machineOf: () => machine as unknown as EgressMachine,
    brief: {} as never,
    clock,
    store: { put: async (next) => ((record = next), 'stored') },
    over: () => undefined,
  });
  return {
    send(event) {
      if (event.type === 'egress.told') return void host.told(event['info'] as never);
      return event.type === 'egress.stop' ? host.stop() : self().send(event);
    },
    async end() {
      const { value, context } = stateOf(self());
      await host.close();
      return same(record?.value, value) && same(record?.context, context)
        ? []
        : [`${JSON.stringify(value)} is not stored as it stands`];
    },
  };
};

const silent = () => undefined;

/** No host: an actor alone. */
export const actorHost =
  (input: unknown): Host =>
  (machine, clock) => {
    const actor = createActor(machine, { clock, input });
    actor.subscribe({ error: silent });
    actor.start();
    return {
      send: (event) => actor.send(event),
      async end() {
        actor.stop();
        return [];
      },
    };
  };

/** Alerting under its host: something is wrong, again and again. */
export const alertingHost =
  (input: AlertInput): Host =>
  (machine, clock, self) => {
    const alerting = createAlerting({
      machineOf: () => machine as unknown as AlertMachine,
      ...input,
      measure: silent,
      instance: 'walk',
      clock,
      log: { error: silent, warn: silent, info: silent, debug: silent },
    });
    return {
      send(event) {
        if (event.type !== 'alert.due') return self().send(event);
        return alerting.raise({ kind: 'cpu', target: 'instance', severity: 'info', summary: 'busy' });
      },
      async end() {
        await alerting.close();
        return [];
      },
    };
  };
