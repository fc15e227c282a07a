import { type AnyActorRef, type AnyMachineSnapshot, createActor } from 'xstate';
import type { Clock } from '../../src/clock.ts';
import type { Failing } from '../../src/actors/check-health.ts';
import type { Trouble, Work, Worked } from '../../src/actors/trouble.ts';
import type { Failure } from '../../src/failure.ts';
import type { RecoveryInput } from '../../src/machines/recovery/context.ts';
import type { NotLedBack, RecoveryStep } from '../../src/machines/recovery/events.ts';
import { stanceOf } from '../../src/machines/recovery/measures.ts';
import { calmPosture, type Posture } from '../../src/posture.ts';
import { createHub } from '../../src/runtime/hub.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import type { StatusChange } from '../../src/runtime/notices.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';
import type { PostureStore } from '../../src/runtime/posture-store.ts';
import { createRecoveryHost } from '../../src/runtime/recovery.ts';
import type { Target } from '../../src/targets.ts';
import { type RecoveryPorts, recoveryMachine } from '../../src/wiring/recovery-machine.ts';
import { pathOf } from './state-nodes.ts';
import { createVirtualClock } from './virtual-clock.ts';

const failure = (vendor: string, facts: Omit<Failure, 'vendor' | 'phase' | 'message'>): Failure => ({
  vendor,
  phase: 'rest',
  message: `${facts.class} trouble`,
  ...facts,
});

export const refused = failure('openai', { class: 'auth', retryable: false, httpStatus: 401 });
export const overloaded = failure('openai', { class: 'api', sub: 'server', retryable: true, httpStatus: 503 });
export const spent = failure('openai', { class: 'api', sub: 'quota', retryable: false, httpStatus: 402 });
export const unreachable = failure('deepgram', { class: 'network', retryable: true, errno: 'ECONNREFUSED' });
export const unregistered = failure('livekit', { class: 'sip', retryable: true });

/** One LiveKit, and one backup for each kind of vendor. */
export const recoveryInput: RecoveryInput = {
  vital: ['livekit-room', 'livekit-connect'],
  kinds: [
    ['deepgram', 'openai'],
    ['openai', 'groq'],
    ['cartesia', 'openai'],
  ],
};

export const workNames = [
  'logDetails',
  'autoFix',
  'refreshToken',
  'retryAccess',
  'checkStatus',
  'retryApi',
  'useFallback',
  'checkConfig',
  'reloadConfig',
  'testConnection',
  'checkBackup',
  'useBackupConfig',
  'leadBack',
  'checkNetwork',
  'reconnect',
  'sendAlert',
  'activateFailsafe',
  'switchToBackup',
  'limitOperations',
] as const;

export type WorkName = (typeof workNames)[number];

/** What comes of a piece of work: by default it goes well. A test changes it at will. */
export type Outcomes = { [Name in WorkName]?: (trouble: Trouble) => Promise<Worked | Failure> };

export interface RecoveryWorld {
  outcomes: Outcomes;
  failing: (targets: readonly Target[] | 'all') => Promise<readonly Failing[]>;
  initialized: () => Promise<Failure | undefined>;
}

export const fails = (why: Failure) => async () => why;

export const never = () => new Promise<never>(() => undefined);

/** The world's ports: what was asked of them is in `done` and `probed`. */
function portsOf(world: RecoveryWorld, clock: Pick<Clock, 'now'>) {
  const beganMs = clock.now();
  const done: [afterMs: number, work: WorkName, target: Target][] = [];
  const probed: (readonly Target[] | 'all')[] = [];
  const work =
    (name: WorkName): Work =>
    async (trouble) => {
      done.push([clock.now() - beganMs, name, trouble.target]);
      return world.outcomes[name]?.(trouble) ?? { did: name };
    };
  const all = Object.fromEntries(workNames.map((name) => [name, work(name)])) as Record<WorkName, Work>;
  const ports: RecoveryPorts = {
    health: {
      initialized: () => world.initialized(),
      probe(targets) {
        probed.push(targets);
        return world.failing(targets);
      },
    },
    diagnostics: all,
    access: { refreshToken: all.refreshToken, retry: all.retryAccess },
    api: { checkStatus: all.checkStatus, retry: all.retryApi, useFallback: all.useFallback },
    sip: all,
    network: { check: all.checkNetwork, reconnect: all.reconnect },
    escalation: all,
  };
  return { ports, works: all, done, probed };
}

/** The fake as a whole: every piece of work ends so, and so does every look. */
export function recoveryPorts(outcome: (() => Promise<Failure>) | undefined, failing: readonly Failing[]) {
  const outcomes: Outcomes = Object.fromEntries(outcome ? workNames.map((name) => [name, outcome]) : []);
  const world = worldOf({ outcomes, failing: async () => failing, initialized: async () => failing[0]?.failure });
  const { ports, works } = portsOf(world, createVirtualClock(0));
  return { works, health: ports.health };
}

const worldOf = (given: Partial<RecoveryWorld>): RecoveryWorld => ({
  outcomes: {},
  failing: async () => [],
  initialized: async () => undefined,
  ...given,
});

const throws = (error: unknown) => {
  throw error;
};

/** The host of recovery, on a store that others may have too. */
export function recoveryHostBench(
  store: PostureStore,
  clock: Clock,
  given: Partial<RecoveryWorld> = {},
  input: RecoveryInput = recoveryInput,
) {
  const world = worldOf(given);
  const { ports, done } = portsOf(world, clock);
  const lines: LogFields[] = [];
  const write = (fields: LogFields) => void lines.push(fields);
  const closed: Target[] = [];
  const stops: string[] = [];
  const notLedBack: Failure[] = [];
  const statuses = createHub<StatusChange>(throws);
  const board = createPostureBoard(throws);
  const recovery = createRecoveryHost({
    machine: recoveryMachine(ports, clock, () => 1),
    input,
    statuses,
    board,
    store,
    clock,
    log: { error: write, warn: write, info: write },
    closed: (target) => closed.push(target),
    notLedBack: ({ failure }) => notLedBack.push(failure),
    stopped: () => stops.push('stopped'),
  });
  return {
    world,
    done,
    lines,
    closed,
    stops,
    notLedBack,
    board,
    recovery,
    statuses,
    tells: (target: Target, status: 'healthy' | 'degraded' | 'unhealthy', failure?: Failure) =>
      statuses.tell({ target, status, ...(failure && { failure }), at: clock.now() }),
  };
}

/** The machine of recovery with its real actors, on virtual time, in a world that goes well. */
export function recoveryBench(given: Partial<RecoveryWorld> = {}, input: RecoveryInput = recoveryInput) {
  const clock = createVirtualClock(1_000_000);
  const steps: RecoveryStep[] = [];
  const world = worldOf(given);
  const { ports, done, probed } = portsOf(world, clock);
  const path: string[] = ['starting'];
  const actor = createActor(
    recoveryMachine(ports, clock, () => 1),
    {
      clock,
      input,
      inspect(seen) {
        // While it begins, the actor has no name here yet.
        if (seen.type !== '@xstate.microstep' || (seen.actorRef as AnyActorRef)._parent) return;
        const nodes = (seen.snapshot as AnyMachineSnapshot)._nodes;
        const now = nodes.findLast(({ type, path: [region] }) => type === 'atomic' && region === 'course');
        const name = now && pathOf(now).slice('course.'.length);
        if (name && path.at(-1) !== name) path.push(name);
      },
    },
  );
  const notLedBack: NotLedBack[] = [];
  actor.on('recovery.step', (step) => void steps.push(step));
  actor.on('recovery.not_led_back', (told) => void notLedBack.push(told));
  actor.start();
  const state = () => actor.getSnapshot();
  return {
    clock,
    world,
    done,
    probed,
    steps,
    notLedBack,
    /** Every state of the course, one after the other; `since` gives those after the last time it was there. */
    path,
    since: (name: string) => path.slice(path.lastIndexOf(name) + 1),
    state,
    works: () => done.map(([, name]) => name),
    stance: () => stanceOf(state().context.measures),
    standing: () => (state().value as { standing: unknown }).standing,
    async tells(
      target: Target,
      status: 'healthy' | 'degraded' | 'unhealthy',
      failure?: Failure,
      more: { readonly inCalls?: true } = {},
    ) {
      actor.send({ type: 'status.changed', target, status, ...(failure && { failure }), ...more, at: clock.now() });
      await clock.settle();
    },
    async acknowledges() {
      actor.send({ type: 'admin.acknowledged', at: clock.now() });
      await clock.settle();
    },
    async leads(posture: Posture = calmPosture) {
      actor.send({ type: 'lead.taken', posture, at: clock.now() });
      await clock.settle();
    },
    async losesLead() {
      actor.send({ type: 'lead.lost', at: clock.now() });
      await clock.settle();
    },
    saved: () => JSON.stringify(actor.getPersistedSnapshot()),
  };
}
