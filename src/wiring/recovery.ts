import { createMemoryPostures } from '../adapters/memory/posture-store.ts';
import { openRedisPostures } from '../adapters/redis/posture-store.ts';
import type { Trouble } from '../actors/trouble.ts';
import type { Agent } from '../agent.ts';
import { recoveryRoutes } from '../http/recovery.ts';
import type { Route } from '../http/route.ts';
import type { Alerts } from '../runtime/alerts.ts';
import type { Connections } from '../runtime/connections.ts';
import type { Hub } from '../runtime/hub.ts';
import type { StatusChange } from '../runtime/notices.ts';
import type { PostureStore } from '../runtime/posture-store.ts';
import { createRecoveryHost, type Recovery } from '../runtime/recovery.ts';
import type { Target } from '../targets.ts';
import type { InstanceOptions } from './instance.ts';
import { recoveryEffects } from './recovery-effects.ts';
import { recoveryMachine } from './recovery-machine.ts';
import { vendorOf } from './vendors.ts';

/** What is known once the instance is open. */
export interface Opened {
  /** What is kept open at this moment, beside the line's own. */
  readonly connections: readonly Connections[];
  /** What new calls would hear in failsafe mode; nothing where nothing could be said. */
  readonly failsafe: () => string | undefined;
}

export interface OwnRecovery extends Pick<Recovery, 'close'> {
  readonly routes: readonly Route[];
  /** The parts of the instance are open. */
  begun(opened: Opened): void;
}

interface Beside {
  readonly statuses: Hub<StatusChange>;
  readonly alerts: Alerts;
}

/** Recovery of this instance: nothing where nobody watches what it depends on, for nobody would lead it back then. */
export async function openRecovery(options: InstanceOptions, { statuses, alerts }: Beside): Promise<OwnRecovery> {
  const { probes, agents, lines, posture, clock, log } = options;
  if (!probes) return { routes: [], begun: () => undefined, close: async () => undefined };
  const opened = Promise.withResolvers<Opened>();
  let known: Opened = { connections: [], failsafe: () => undefined };
  const kinds = kindsOf(agents);
  const postures = await openPostures(options);
  const alert = ({ target, failure, since }: Trouble) =>
    alerts.raise({
      kind: 'recovery_escalated',
      target,
      severity: 'critical',
      summary: `Recovery cannot mend ${target}: it waits for somebody who can`,
      facts: { since, ...(failure && { class: failure.class, message: failure.message }) },
    });
  const ports = recoveryEffects({
    ...options,
    connections: () => [
      ...(lines.connections ? [lines.connections] : []),
      ...postures.connections,
      ...known.connections,
    ],
    initialized: () => opened.promise.then(() => undefined),
    leads: () => recovery.leadsNow(),
    alert,
    failsafe: () => known.failsafe(),
    kinds,
  });
  const recovery: Recovery = createRecoveryHost({
    machine: recoveryMachine(ports, clock, Math.random),
    input: { vital: lines.control ? vital : [], kinds },
    statuses,
    board: posture,
    store: postures.store,
    clock,
    log,
    closed: (target) => alerts.resolve({ kind: 'recovery_escalated', target }),
    notLedBack: (trouble) => alert({ ...trouble, since: clock.now() }),
    stopped: () =>
      alerts.raise({
        kind: 'recovery_escalated',
        target: 'instance',
        severity: 'critical',
        summary: 'Recovery stopped by an error of our own: nothing is mended until the instance is started again',
      }),
  });
  return {
    routes: recoveryRoutes({ recovery, clock }),
    begun(all) {
      known = all;
      opened.resolve(all);
    },
    close: recovery.close,
  };
}

/** Without these no call is taken. Redis keeps tokens alone: calls go on without it. */
const vital: readonly Target[] = ['livekit-room', 'livekit-connect'];

interface Postures {
  readonly store: PostureStore;
  readonly connections: readonly Connections[];
}

async function openPostures({ secrets, clock }: InstanceOptions): Promise<Postures> {
  if (!secrets.redisUrl) return { store: createMemoryPostures(clock).open(), connections: [] };
  const store = await openRedisPostures({ url: secrets.redisUrl });
  const renew = async () => void (await store.renew());
  return { store, connections: [{ to: ['redis'], what: 'the connections of the posture to Redis', renew }] };
}

/** Vendors that stand in for each other: of each agent those of its ears, of its models and of its voices. */
export function kindsOf(agents: readonly Pick<Agent, 'ears' | 'model' | 'voice'>[]): readonly (readonly Target[])[] {
  const lists = agents.flatMap(({ ears, model, voice }) => [
    ears.map(({ kind }) => vendorOf(kind)),
    model.map(({ kind }) => kind),
    voice.map(({ kind }) => kind),
  ]);
  const unique = new Map(lists.map((list) => [[...new Set(list)].toSorted().join(), [...new Set(list)]]));
  return [...unique.values()];
}
