import type { AnyActorRef, AnyMachineSnapshot } from 'xstate';
import type { Failure } from '../failure.ts';
import type { Incident, Known, RecoveryContext } from '../machines/recovery/context.ts';
import type { Trouble } from '../actors/trouble.ts';
import type { Posture } from '../posture.ts';
import type { Target } from '../targets.ts';
import { timersOf } from './restore.ts';

/** One thing that recovery did, or tried. */
export interface RecoveryEntry {
  /** ms since 1970. */
  readonly at: number;
  /** Name of the state that did it. */
  readonly box: string;
  readonly target: Target;
  readonly did?: string;
  readonly failure?: Failure;
}

/** What must happen for recovery to go on. */
export interface WaitsFor {
  /** Work that runs. */
  readonly work: readonly string[];
  /** Delays that pass, by name, and when they are over: ms since 1970. */
  readonly delays: readonly { readonly name: string; readonly dueAt: number }[];
  /** Targets of which somebody must say that they are mended. */
  readonly acknowledgement: readonly Target[];
  /** Targets that must be well before the posture goes back. */
  readonly health: readonly Target[];
}

/** Recovery of one instance as it is shown; plain JSON, nothing in it is secret. */
export interface RecoveryView {
  /** Grows by one with each change. */
  readonly seq: number;
  /** State value of the chart. */
  readonly value: unknown;
  /** Ids of its active states, as the chart names them. */
  readonly active: readonly string[];
  /** The posture of all instances, and whether this one writes it. */
  readonly posture: Posture;
  readonly leads: boolean;
  readonly trouble?: Trouble;
  readonly attempts: number;
  readonly queue: readonly Trouble[];
  readonly incidents: readonly Incident[];
  /** Targets that wait to be mended by hand at other instances. */
  readonly elsewhere: readonly Target[];
  readonly statuses: { readonly [Name in Target]?: Known };
  readonly waitsFor: WaitsFor;
  /** What was done last, the newest last. */
  readonly journal: readonly RecoveryEntry[];
}

type Beside = Pick<RecoveryView, 'seq' | 'posture' | 'leads' | 'elsewhere' | 'journal'>;

export function recoveryView(actor: AnyActorRef, beside: Beside): RecoveryView {
  const state = actor.getSnapshot() as AnyMachineSnapshot;
  const { trouble, attempts, queue, incidents, statuses } = state.context as RecoveryContext;
  return {
    ...beside,
    value: state.value,
    active: state._nodes.map(({ id }) => id),
    ...(trouble && { trouble }),
    attempts,
    queue,
    incidents,
    statuses,
    waitsFor: waitsFor(
      state,
      timersOf(actor, () => undefined),
    ),
  };
}

function waitsFor(state: AnyMachineSnapshot, timers: ReturnType<typeof timersOf>): WaitsFor {
  const { incidents, measures } = state.context as RecoveryContext;
  return {
    work: Object.keys(state.children),
    delays: timers.map(({ event, dueAt }) => ({ name: event.type.split('.')[2] ?? '', dueAt })),
    acknowledgement: incidents.map(({ target }) => target),
    health: [...new Set(measures.filter(({ isOver }) => !isOver).map(({ target }) => target))],
  };
}
