import { joinRoom } from '../../src/actors/join-room.ts';
import { hangUp } from '../../src/actors/hang-up.ts';
import { clearRooms, compareRooms, repairCalls } from '../../src/actors/reconcile.ts';
import type { Player } from '../../src/actors/player.ts';
import type { Room } from '../../src/actors/room.ts';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { agentIdentity } from '../../src/adapters/line/rivals.ts';
import type { CallMachine } from '../../src/machines/call/call.machine.ts';
import { line } from '../../src/machines/call/line.ts';
import { chart } from '../../src/machines/call/setup.ts';
import { createReconciler } from '../../src/machines/reconciler/reconciler.machine.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import { callKeyOf, splitCallKey } from '../../src/runtime/call-key.ts';
import type { CallHost } from '../../src/runtime/call-host.ts';
import type { CallLog, LogDraft } from '../../src/runtime/call-log.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import { callersThere } from '../../src/runtime/callers-there.ts';
import { type CallOpening, createCallWorker } from '../../src/runtime/call-worker.ts';
import { createIntake } from '../../src/runtime/intake.ts';
import { readWebhook, type LivekitWebhook } from '../../src/runtime/livekit-webhook.ts';
import { startReconciler } from '../../src/runtime/reconciler.ts';
import { createReconciliation, type RepairKind } from '../../src/runtime/reconciler-work.ts';
import { createRoomCensus } from '../../src/runtime/room-census.ts';
import { onlyInstance } from '../../src/runtime/alone.ts';
import { hotel } from './call-harness.ts';
import { createModelLivekit, type ModelWebhook } from './model-livekit.ts';
import { callOf } from './region-machines.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** What becomes of one webhook on its way. */
export interface Fate {
  readonly dropped: boolean;
  readonly delayMs: number;
  /** Comes once more, so much later. */
  readonly againMs?: number | undefined;
}

/** The process ends before or after it has done its nth thing, and is up again after a while. */
export interface Crash {
  readonly step: number;
  readonly when: 'before' | 'after';
  readonly downMs: number;
}

const startMs = 1_000_000;
/** Nothing breaks any more after that. */
const faultyMs = 45_000;
export const prefix = 'voice-ai-call';
const failure = { vendor: 'livekit', phase: 'rest', class: 'network', retryable: true, message: 'no answer' } as const;
const surroundings = {
  conversation: chart.createStateConfig({ initial: 'talking', states: { talking: {} } }),
};
const silent = { open: () => undefined, subscribe: () => () => undefined } as unknown as Player;
const never = new Promise<never>(() => undefined);

class Died extends Error {}

export interface BedOptions {
  readonly fateOf?: (number: number) => Fate;
  readonly crashes?: readonly Crash[];
}

const isEnd = ({ kind, data }: LogDraft): boolean => kind === 'call' && data['what'] === 'ended';

/** Real intake, store, queue, worker, host, line region and reconciler, around a model of LiveKit, on virtual time. */
export function createIntakeBed({ fateOf = () => ({ dropped: false, delayMs: 0 }), crashes = [] }: BedOptions = {}) {
  const clock = createVirtualClock(startMs);
  const kept = createMemoryStore({ clock });
  const written = createMemoryLog();
  const livekit = createModelLivekit(clock, send);
  const wrong: string[] = [];
  const repaired: RepairKind[] = [];
  const ended = new Map<string, number>();
  const begun = new Map<string, number>();
  const alerts: string[] = [];
  let sent = 0;
  let steps = 0;
  let process: ReturnType<typeof startProcess> | undefined;

  function send(webhook: ModelWebhook): void {
    const { dropped, delayMs, againMs } = fateOf((sent += 1));
    if (dropped) return;
    const deliver = (tries: number) => {
      const answer = process ? process.receive(webhook) : Promise.reject(new Died());
      void answer.catch(() => tries < 4 && clock.setTimeout(() => deliver(tries + 1), 1000 * 2 ** tries));
    };
    clock.setTimeout(() => deliver(0), delayMs);
    if (againMs !== undefined) clock.setTimeout(() => deliver(0), delayMs + againMs);
  }

  /** One life of an instance: whatever it asks of its ports after it died is never answered. */
  function startProcess() {
    const life = { dead: false };
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      // An instance that dies at its first step has begun before.
      await Promise.resolve();
      if (life.dead) return never;
      const crash = clock.now() < startMs + faultyMs ? crashes.find((each) => each.step === steps + 1) : undefined;
      steps += 1;
      if (crash?.when === 'before') return die(crash);
      const result = await work();
      if (life.dead) return never;
      return crash ? die(crash) : result;
    };
    function die({ downMs }: Crash): Promise<never> {
      life.dead = true;
      stop();
      clock.setTimeout(() => (process = startProcess()), downMs);
      return never;
    }
    const store: CallStore = {
      ...kept,
      ingest: (event) => step(() => kept.ingest(event)),
      openIn: (room) => step(() => kept.openIn(room)),
      claim: (key) => step(() => kept.claim(key)),
      load: (key) => step(() => kept.load(key)),
      mail: (key, after) => step(() => kept.mail(key, after)),
      commit: (record) => step(() => kept.commit(record)),
      end: (key, epoch) =>
        step(async () => {
          const outcome = await kept.end(key, epoch);
          if (outcome === 'ended' && !ended.has(key)) ended.set(key, clock.now());
          return outcome;
        }),
      list: () => step(() => kept.list()),
    };
    const log: CallLog = {
      ...written,
      summary: (key) => step(() => written.summary(key)),
      append(key, epoch, drafts) {
        if (drafts.some(isEnd)) return step(() => written.append(key, epoch, drafts));
        return life.dead ? never : written.append(key, epoch, drafts);
      },
    };
    const hosts = new Map<string, CallHost>();
    const inner = createInProcessQueue({ store, clock });
    const queue = { ...inner, enqueue: (key: string) => step(() => inner.enqueue(key)) };
    const stopping = new AbortController();

    function roomOf(opening: CallOpening): Room {
      const { callerKey } = splitCallKey(opening.callKey);
      const { room } = opening;
      return {
        join: ({ signal }, report) =>
          livekit.connect(room, agentIdentity(callerKey, opening.epoch), callerKey, {
            signal,
            isDead: () => life.dead,
            report,
          }),
        hangUp: async () => {
          if (life.dead) return never;
          return livekit.rooms.delete(room).then(
            () => undefined,
            () => failure,
          );
        },
        sendDigits: async () => undefined,
        showState: () => undefined,
      };
    }
    function open(opening: CallOpening) {
      const { callKey } = opening;
      if (ended.has(callKey)) wrong.push(`${callKey} was revived`);
      if (hosts.has(callKey)) wrong.push(`${callKey} was begun twice`);
      if (!opening.record && !begun.has(callKey)) begun.set(callKey, clock.now());
      const room = roomOf(opening);
      const actors = { joinRoom: joinRoom(room, silent, clock), hangUp: hangUp(room, clock) };
      const machine = callOf({ line, ...surroundings }).provide({ actors: actors as never }) as unknown as CallMachine;
      const host = createCallHost({
        ...opening,
        agent: hotel,
        livekitHost: 'ws://model',
        machine,
        clock,
        store,
        log,
        crashed: (error) => wrong.push(`${callKey} crashed: ${String(error)}`),
      });
      return { host, close: async () => undefined };
    }
    const worker = createCallWorker({
      store,
      log,
      dials: { settle: async () => undefined },
      clock,
      stopping: stopping.signal,
      unwritten: (key, error) => wrong.push(`${key} unwritten: ${String(error)}`),
      trouble: (key, error) => wrong.push(`${key} unread: ${String(error)}`),
      open,
      giveUp: async ({ callKey }) => void wrong.push(`${callKey} was given up`),
      running: {
        add: (host) => void hosts.set(host.callKey, host),
        remove: (host) => void hosts.delete(host.callKey),
      },
      mayBeThere: callersThere(livekit.rooms),
    });
    void queue.run(
      { capacity: 20, signal: stopping.signal, lost: (key, error) => void wrong.push(`${key} lost: ${String(error)}`) },
      worker,
    );
    const intake = createIntake({
      store,
      queue,
      participants: { remove: async () => undefined },
      roomPrefix: prefix,
      clock,
    });
    const reconciliation = createReconciliation({
      rooms: livekit.rooms,
      census: createRoomCensus(clock),
      store,
      queue,
      intake,
      alone: onlyInstance,
      roomPrefix: prefix,
      isAskedHere: () => true,
      hostNow: () => '',
      clock,
      repaired: (kind) => void repaired.push(kind),
      looked: () => undefined,
    });
    const reconciler = startReconciler({
      machine: createReconciler({
        compareRooms: compareRooms(reconciliation, clock),
        repairCalls: repairCalls(reconciliation, clock),
        clearRooms: clearRooms(reconciliation, clock),
      }),
      clock,
      alerts: {
        raise: ({ kind }) => void alerts.push(`raised ${kind}`),
        resolve: ({ kind }) => void alerts.push(`resolved ${kind}`),
      },
      log: { error: ({ code, error }) => void wrong.push(`${code}: ${String(error)}`) },
    });
    function stop(): void {
      life.dead = true;
      reconciler.close();
      // As a process that is killed: nothing is said, and LiveKit notices only after a while.
      for (const host of hosts.values()) void host.abandon();
      for (const { callKey } of hosts.values()) forgetLater(callKey);
      process = undefined;
    }
    void kept.list().then((open) => open.forEach(({ callKey }) => void queue.enqueue(callKey)));
    return {
      hosts,
      kill: () => void stop(),
      async receive(body: ModelWebhook): Promise<void> {
        if (life.dead) throw new Died();
        const read = readWebhook(body) as LivekitWebhook;
        const died = new Promise<never>((_, reject) => clock.setTimeout(() => reject(new Died()), 2000));
        died.catch(() => undefined);
        const outcome = await Promise.race([intake.receive(read), died]);
        if (outcome === 'full') throw new Died();
      },
    };
  }

  /** A bot whose process was killed stays in the lists for 21 s. */
  function forgetLater(callKey: string): void {
    const { room } = splitCallKey(callKey);
    const ghosts = livekit.inRoom(room).filter(({ kind }) => kind === 'agent');
    clock.setTimeout(() => ghosts.forEach(({ sid }) => livekit.drop(room, sid, 'CONNECTION_TIMEOUT')), 21_000);
  }

  process = startProcess();
  return {
    clock,
    livekit,
    store: kept,
    log: written,
    wrong,
    repaired,
    ended,
    begun,
    alerts,
    steps: () => steps,
    hosts: () => [...(process?.hosts.values() ?? [])],
    /** The process is killed, and up again after so long. */
    kill(downMs: number) {
      process?.kill();
      clock.setTimeout(() => (process = startProcess()), downMs);
    },
    close: () => process?.kill(),
  };
}

export type IntakeBed = ReturnType<typeof createIntakeBed>;

/** Somebody who calls: what really becomes of him. */
export function createCaller({ livekit, clock }: IntakeBed, name: string) {
  const room = `${prefix}-${name}`;
  const callKey = callKeyOf(room, `SCL_${name}`);
  const attributes = { 'sip.callID': `SCL_${name}`, 'sip.callStatus': 'active' };
  const state: { sid: string | undefined; wants: boolean; cutOff: boolean } = {
    sid: undefined,
    wants: false,
    cutOff: false,
  };
  const told = {
    closed: () => {
      state.sid = undefined;
      state.cutOff ||= state.wants;
    },
    broken: () => {
      state.sid = undefined;
      livekit.whenUp(() => void clock.setTimeout(enter, 700));
    },
  };
  function enter(): void {
    if (!state.wants || state.sid !== undefined) return;
    if (!livekit.isUp()) return livekit.whenUp(enter);
    state.sid = livekit.enter(room, { identity: `sip_${name}`, kind: 'sip', attributes, told });
  }
  function leave(): void {
    if (state.sid !== undefined) livekit.drop(room, state.sid, 'CLIENT_INITIATED');
    state.sid = undefined;
  }
  return {
    callKey,
    room,
    state,
    call() {
      state.wants = true;
      enter();
    },
    hangUp() {
      state.wants = false;
      leave();
    },
    reconnect(gapMs: number) {
      if (state.sid === undefined) return;
      leave();
      clock.setTimeout(enter, gapMs);
    },
  };
}
