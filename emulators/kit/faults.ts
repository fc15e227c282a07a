import { z } from 'zod';

/** What every emulator can do wrong. A *result* is one message or chunk of the vendor's stream. */
const commonFaults = [
  /** The port does not listen (ECONNREFUSED) until the faults are cleared; open streams go on. */
  'refuse',
  /** Silence: `at: 'connect'` after TCP accept, `'handshake'` before the HTTP answer, `'first'` (default) before the first result. */
  'hang',
  /** TCP RST: `at: 'connect'`, `at: 'handshake'`, or after `after` results (default 0: right after the handshake). */
  'reset',
  /** An orderly end after `after` results (default 0), with WebSocket `code` and `reason` where there is one. */
  'close',
  /** HTTP `status` with `body` and `headers` instead of the handshake. */
  'status',
  /** After `after` results (default 0) one that cannot be read. */
  'garbage',
  /** Each result comes `delayMs` later than the one before it. */
  'slow',
  /** Silence after `after` results, the connection stays open. */
  'stall',
  /** At once, not a state: RST to every open connection, or to `connection` alone. */
  'drop',
] as const;

const shape = z.strictObject({
  kind: z.string(),
  at: z.enum(['connect', 'handshake', 'first']).optional(),
  after: z.int().min(0).optional(),
  status: z.int().min(100).max(599).optional(),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  code: z.int().optional(),
  reason: z.string().optional(),
  delayMs: z.number().min(0).optional(),
  /** How many connections or requests it hits; without it all, until cleared. */
  times: z.int().min(1).optional(),
  /** Only the connection of this number (see the journal). */
  connection: z.int().optional(),
  /** Only requests that carry this header `x-emulator-scenario`. */
  scenario: z.string().optional(),
  /** Only paths that contain this. */
  path: z.string().optional(),
});

export type Fault = Readonly<z.infer<typeof shape>>;

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

/** `special` names faults of one vendor beside the common ones; `changed` is called when the list changes. */
export function createFaults(special: readonly string[], changed: (added?: Fault) => void): Faults {
  const kinds = [...commonFaults, ...special];
  let active: Fault[] = [];

  function add(input: unknown): void {
    const fault = parse(kinds, input);
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
    delayMs: fault?.kind === 'slow' ? (fault.delayMs ?? 1000) : 0,
    next() {
      const hit = verdict === 'garbage' ? count === after : count >= after;
      count += 1;
      return hit ? verdict : 'pass';
    },
  };
}

function verdictOf(fault: Fault | undefined): Verdict {
  if (fault?.kind === 'hang') return 'stall';
  const streaming: readonly string[] = ['reset', 'close', 'garbage', 'stall'];
  return fault && streaming.includes(fault.kind) ? (fault.kind as Verdict) : 'pass';
}

function parse(kinds: readonly string[], input: unknown): Fault {
  const result = shape.safeParse(input);
  if (!result.success) throw new Error(`not a fault: ${z.prettifyError(result.error)}`);
  if (!kinds.includes(result.data.kind))
    throw new Error(`not a fault: kind: got ${JSON.stringify(result.data.kind)}, allowed are ${kinds.join(', ')}`);
  if (result.data.kind === 'status' && !result.data.status) throw new Error('not a fault: status: missing');
  return result.data;
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
