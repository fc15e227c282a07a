import { z } from 'zod';
import { closeCode, closeReason } from './close.ts';

const places = ['connect', 'handshake', 'first'] as const;
type Place = (typeof places)[number];

const shape = z.strictObject({
  kind: z.string(),
  at: z.enum(places).optional(),
  after: z.int().min(0).optional(),
  status: z.int().min(100).max(599).optional(),
  body: z.unknown().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  code: closeCode.optional(),
  reason: closeReason.optional(),
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

type Field = keyof Fault;

/** What a kind of fault may say: places where it can strike, and fields beside those that choose whom it hits. */
export interface FaultKind {
  readonly at?: readonly Place[];
  readonly fields?: readonly Field[];
  /** Default all of `times`, `connection`, `scenario`, `path`. */
  readonly choosing?: readonly Field[];
}

/** What every emulator can do wrong. A *result* is one message or chunk of the vendor's stream. */
const commonKinds: Readonly<Record<string, FaultKind>> = {
  /** The port does not listen (ECONNREFUSED) until the faults are cleared; open streams go on. */
  refuse: { choosing: [] },
  /** Silence: `at: 'connect'` after TCP accept, `'handshake'` before the HTTP answer, `'first'` (default) before the first result. */
  hang: { at: ['connect', 'handshake', 'first'] },
  /** TCP RST: `at: 'connect'`, `at: 'handshake'`, or after `after` results (default 0: right after the handshake). */
  reset: { at: ['connect', 'handshake'], fields: ['after'] },
  /** An orderly end after `after` results (default 0), with WebSocket `code` and `reason` where there is one. */
  close: { fields: ['after', 'code', 'reason'] },
  /** HTTP `status` with `body` (a text goes out as it is) and `headers` instead of the handshake. */
  status: { at: ['handshake'], fields: ['status', 'body', 'headers'] },
  /** After `after` results (default 0) one that cannot be read. */
  garbage: { fields: ['after', 'body'] },
  /** Each result comes `delayMs` (default 1,000) later than the one before it; `at: 'connect'`: the connection is accepted so late. */
  slow: { at: ['connect'], fields: ['delayMs'] },
  /** Silence after `after` results, the connection stays open. */
  stall: { fields: ['after'] },
  /** At once, not a state: RST to every open connection, or to `connection` alone. */
  drop: { choosing: ['connection'] },
};

const choosingAll: readonly Field[] = ['times', 'connection', 'scenario', 'path'];
/** Before a byte was read neither path nor scenario is known. */
const choosingAtConnect: readonly Field[] = ['times', 'connection'];

/** Reads a fault; `special` are kinds of one vendor. Throws an `Error` that names the field, what came and what is allowed. */
export function parseFault(special: Readonly<Record<string, FaultKind>>, input: unknown): Fault {
  const kinds = { ...commonKinds, ...special };
  const result = shape.safeParse(input);
  if (!result.success) throw new Error(`not a fault: ${z.prettifyError(result.error)}`);
  const fault = result.data;
  const kind = Object.hasOwn(kinds, fault.kind) ? kinds[fault.kind] : undefined;
  const wrong = kind ? problemOf(kind, fault) : oneOf('kind', fault.kind, Object.keys(kinds));
  if (wrong) throw new Error(`not a fault: ${wrong}`);
  return fault;
}

function problemOf(kind: FaultKind, fault: Fault): string | undefined {
  const { at } = fault;
  if (at && !kind.at?.includes(at))
    return kind.at ? `${oneOf('at', at, kind.at)} for "${fault.kind}"` : `at: "${fault.kind}" has no place to choose`;
  const allowed = [...(kind.at ? (['at'] as const) : []), ...fieldsOf(kind, at)];
  const odd = (Object.keys(fault) as Field[]).find(
    (name) => name !== 'kind' && fault[name] !== undefined && !allowed.includes(name),
  );
  const where = at ? ` at "${at}"` : '';
  if (odd) return `${odd}: not for "${fault.kind}"${where}, allowed are ${allowed.join(', ') || 'no other fields'}`;
  return fault.kind === 'status' && !fault.status ? 'status: missing' : undefined;
}

function fieldsOf({ fields = [], choosing = choosingAll }: FaultKind, at: Place | undefined): readonly Field[] {
  if (at === undefined || at === 'first') return [...fields, ...choosing];
  // Results are counted where there are some.
  const own = fields.filter((name) => name !== 'after');
  return [...own, ...(at === 'connect' ? choosingAtConnect : choosing)];
}

const oneOf = (field: string, came: string, allowed: readonly string[]): string =>
  `${field}: got ${JSON.stringify(came)}, allowed are ${allowed.join(', ')}`;
