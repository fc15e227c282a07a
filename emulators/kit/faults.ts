import { parseFault, type Fault, type FaultKind } from './fault-kinds.ts';

export type { Fault } from './fault-kinds.ts';

/** What a fault is matched with. At TCP accept neither path nor scenario is known yet. */
export interface FaultTarget {
  readonly connection?: number | undefined;
  readonly scenario?: string | undefined;
  readonly path?: string | undefined;
  /** Where sockets outlive their work: take at the handshake what strikes there, and the rest per piece of work. Default both. */
  readonly stage?: 'handshake' | 'stream';
}

export interface Faults {
  /** Adds a fault; those given first are taken first. Throws an `Error` that names the field for one that is not allowed. */
  add(fault: unknown): void;
  /** Takes (and counts down) the first fault that hits a new connection at TCP accept. */
  takeAtConnect(target: FaultTarget): Fault | undefined;
  /** Takes (and counts down) the first fault that hits this request or handshake. */
  take(target: FaultTarget): Fault | undefined;
  list(): readonly Fault[];
  clear(): void;
}

/** `special` are kinds of one vendor beside the common ones; `changed` is called when the list changes. */
export function createFaults(special: Readonly<Record<string, FaultKind>>, changed: (added?: Fault) => void): Faults {
  let active: Fault[] = [];

  function add(input: unknown): void {
    const fault = parseFault(special, input);
    if (fault.kind !== 'drop') active.push(fault);
    changed(fault);
  }

  function takeWhere(match: (fault: Fault) => boolean): Fault | undefined {
    const fault = active.find(match);
    if (!fault?.times) return fault;
    active = active.flatMap((other) => (other === fault ? countedDown(fault) : [other]));
    return fault;
  }

  return {
    add,
    takeAtConnect: (target) => takeWhere((fault) => fault.at === 'connect' && hits(fault, target)),
    take: (target) => takeWhere((fault) => strikesAt(fault, target.stage) && hits(fault, target)),
    list: () => active,
    clear() {
      active = [];
      changed();
    },
  };
}

export type Verdict = 'pass' | 'reset' | 'close' | 'garbage' | 'stall';

/** Decides, result by result, what a stream does under its fault. */
export function createGate(fault: Fault | undefined): { next(): Verdict; readonly delayMs: number } {
  let count = 0;
  const verdict = verdictOf(fault);
  const after = fault?.after ?? 0;
  return {
    delayMs: fault?.kind === 'slow' ? slowMs(fault) : 0,
    next() {
      const hit = verdict === 'garbage' ? count === after : count >= after;
      count += 1;
      return hit ? verdict : 'pass';
    },
  };
}

/** How late a slow vendor is. */
export const slowMs = ({ delayMs = 1000 }: Fault): number => delayMs;

function verdictOf(fault: Fault | undefined): Verdict {
  if (fault?.kind === 'hang') return 'stall';
  const streaming: readonly string[] = ['reset', 'close', 'garbage', 'stall'];
  return fault && streaming.includes(fault.kind) ? (fault.kind as Verdict) : 'pass';
}

const countedDown = (fault: Fault): Fault[] => (fault.times! > 1 ? [{ ...fault, times: fault.times! - 1 }] : []);

function strikesAt(fault: Fault, stage: 'handshake' | 'stream' | undefined): boolean {
  if (fault.at === 'connect' || fault.kind === 'refuse') return false;
  const own = fault.kind === 'status' || fault.at === 'handshake' ? 'handshake' : 'stream';
  return !stage || stage === own;
}

const hits = (fault: Fault, target: FaultTarget): boolean =>
  (fault.connection === undefined || fault.connection === target.connection) &&
  (fault.scenario === undefined || fault.scenario === target.scenario) &&
  (fault.path === undefined || !!target.path?.includes(fault.path));
