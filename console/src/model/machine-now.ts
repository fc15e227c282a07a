import type { LogEntry } from '../../../src/runtime/call-log.ts';

/** A deadline: when it is due the machine goes on by itself. */
export interface Timer {
  readonly name: string;
  /** Id of the state that waits. */
  readonly state: string;
  readonly dueAt: number;
  /** When it was first seen; with `dueAt` it tells how much of it is over. */
  readonly since: number;
}

/** Where a machine is, and by what. */
export interface MachineNow {
  readonly at: number;
  readonly value: unknown;
  /** Ids of the active atomic states. */
  readonly active: readonly string[];
  /** The same before its last change. */
  readonly before: readonly string[];
  /** Event that brought it here. */
  readonly by: string;
  readonly timers: readonly Timer[];
}

export function machineNow(before: MachineNow | undefined, { at, data }: LogEntry & { kind: 'state' }): MachineNow {
  return {
    at,
    value: data.value,
    active: (data['active'] ?? []) as string[],
    before: before?.active ?? [],
    by: String(data['by'] ?? ''),
    timers: ((data['timers'] ?? []) as Omit<Timer, 'since'>[]).map((timer) => ({
      ...timer,
      since: before?.timers.find((known) => isSame(known, timer))?.since ?? at,
    })),
  };
}

const isSame = (a: Omit<Timer, 'since'>, b: Omit<Timer, 'since'>): boolean =>
  a.state === b.state && a.name === b.name && a.dueAt === b.dueAt;
