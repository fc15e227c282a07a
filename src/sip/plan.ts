import { changedFields, type FieldChange } from './compare.ts';
import { claimsOf, type DispatchRule, type Held, type SipKind, type SipThing } from './model.ts';
import { deletionOf, idleName, orderMoves, type SipStep } from './order.ts';
import { type Pair, type Pairing, pairUp } from './pairing.ts';

/** A difference between file and server, for a person. `was`: the thing on the server that it replaces. */
export interface SipChange {
  readonly do: 'create' | 'update' | 'replace' | 'delete';
  readonly kind: SipKind;
  readonly name: string;
  readonly id?: string;
  readonly was?: string;
  readonly fields: readonly FieldChange[];
}

/** A thing that the file does not name has what the file gives to `wantedBy`. */
export interface SipBlock {
  readonly kind: SipKind;
  readonly name: string;
  readonly id: string;
  readonly wantedBy: string;
}

export interface SipPlan {
  readonly changes: readonly SipChange[];
  /** What has to be done, in order. */
  readonly steps: readonly SipStep[];
  /** Why it must not be done: these would be answered by nobody, or by the wrong one. Empty when pruning. */
  readonly blocked: readonly SipBlock[];
  /** On the server and not in the file; stays. Empty when pruning. */
  readonly extra: readonly Held[];
  /** Ids of the things on the server: `kind name` → id. */
  readonly ids: ReadonlyMap<string, string>;
}

export const refOf = (kind: SipKind, name: string): string => `${kind} ${name}`;

export interface PlanOptions {
  /** What the file does not name is deleted; else it stays. */
  readonly prune: boolean;
  /** Twins are deleted; false: nothing is. */
  readonly deletes?: boolean;
}

/** What makes the server be as the file says. */
export function planOf(wanted: readonly SipThing[], held: readonly Held[], options: PlanOptions): SipPlan {
  const found = pairUp(wanted, held, options.prune);
  const spares = options.deletes === false;
  const { pairs } = found;
  const twins = spares ? [] : found.twins;
  const extra = spares ? [...found.extra, ...found.twins] : found.extra;
  const moving = pairs.filter((pair) => pair.held === undefined || changedFields(pair.held, pair.wanted).length > 0);
  const going = options.prune ? [...twins, ...extra] : twins;
  const staying = options.prune ? [] : extra;
  return {
    changes: [...moving.map(changeOf), ...going.map(goes)],
    steps: stepsOf({ pairs, twins, extra: staying }, moving, going),
    blocked: staying.flatMap((each) => blocksOf(each, pairs)),
    extra: staying,
    ids: new Map(pairs.flatMap((pair) => (pair.held ? [[refOf(pair.held.kind, pair.wanted.name), pair.held.id]] : []))),
  };
}

/**
 * Idle twins, which two at once leave behind, go first: beside them LiveKit makes nothing new. What is new is idle until all it needs is there; rules come before the trunks whose calls they take, and keep the trunks
 * they are to lose until these have given up their numbers; what goes, goes last unless it is in the way.
 */
function stepsOf({ pairs, twins, extra }: Pairing, moving: readonly Pair[], all: readonly Held[]): readonly SipStep[] {
  const idle = twins.filter(isIdle);
  const going = all.filter((each) => !idle.includes(each));
  const created = moving.filter((pair) => pair.held === undefined);
  const wide = widened(moving, [...pairs.map(({ wanted }) => wanted), ...extra], trunksOf(pairs, [...going, ...extra]));
  const moves = (kind: SipKind) =>
    orderMoves([
      ...pairs
        .filter(({ wanted }) => wanted.kind === kind)
        .map((pair) => ({ ...pair, wanted: wide.get(pair) ?? pair.wanted, stays: !moving.includes(pair) })),
      ...going.filter((each) => each.kind === kind).map((each) => ({ held: each })),
    ]);
  const steps: readonly SipStep[] = [
    ...idle.map(deletionOf),
    ...created.map(({ wanted: { kind, name } }): SipStep => ({ do: 'create', kind, name })),
    ...(['rule', 'inbound', 'outbound'] as const).flatMap(moves),
    ...[...wide.keys()].map(({ wanted: thing, held }): SipStep => ({ do: 'update', thing, id: held!.id })),
  ];
  const gone = new Set(steps.flatMap((step) => (step.do === 'delete' ? [step.id] : [])));
  const rest = going.filter(({ id }) => !gone.has(id));
  return [...steps, ...rest.toSorted((a, b) => rank(a) - rank(b)).map(deletionOf)];
}

function isIdle(held: Held): boolean {
  const idle = idleName(held.name);
  if (held.kind === 'rule') return held.trunks.every((trunk) => trunk === idle);
  return held.kind === 'inbound' && held.numbers.every((number) => number === idle);
}

/** As rules call the trunks that the server has. */
const trunksOf = (pairs: readonly Pair[], others: readonly Held[]): ReadonlySet<string> =>
  new Set([
    ...pairs.flatMap(({ wanted, held }) => (held?.kind === 'inbound' ? [wanted.name] : [])),
    ...others.flatMap(({ kind, id }) => (kind === 'inbound' ? [id] : [])),
  ]);

/** Rules with the trunks they are to lose besides, where nothing else has or is to have the calls of these. */
function widened(
  moving: readonly Pair[],
  things: readonly SipThing[],
  trunks: ReadonlySet<string>,
): ReadonlyMap<Pair, DispatchRule> {
  const wide = new Map<Pair, DispatchRule>();
  for (const pair of moving) {
    const { wanted, held } = pair;
    if (wanted.kind !== 'rule' || held?.kind !== 'rule') continue;
    const kept = held.trunks.filter((trunk) => trunks.has(trunk) && !wanted.trunks.includes(trunk));
    const wider = { ...wanted, trunks: [...wanted.trunks, ...kept] };
    const others = [...things.filter((thing) => thing.kind === 'rule' && thing !== wanted), ...wide.values()];
    if (kept.length > 0 && !others.some((other) => shares(other, wider))) wide.set(pair, wider);
  }
  return wide;
}

function shares(a: SipThing, b: SipThing): boolean {
  const claims = new Set(claimsOf(a));
  return claimsOf(b).some((claim) => claims.has(claim));
}

const rank = ({ kind }: Held): number => (kind === 'rule' ? 0 : 1);

function changeOf({ wanted, held }: Pair): SipChange {
  const { kind, name } = wanted;
  const fields = changedFields(held, wanted).filter(({ field }) => field !== 'name');
  if (held === undefined) return { do: 'create', kind, name, fields };
  const was = held.name || held.id;
  return held.name === name
    ? { do: 'update', kind, name, id: held.id, fields }
    : { do: 'replace', kind, name, id: held.id, was, fields };
}

const goes = ({ kind, name, id }: Held): SipChange => ({ do: 'delete', kind, name, id, fields: [] });

const blocksOf = (held: Held, pairs: readonly Pair[]): readonly SipBlock[] =>
  pairs
    .filter(({ wanted }) => wanted.kind === held.kind && shares(wanted, held))
    .map(({ wanted }) => ({ kind: held.kind, name: held.name, id: held.id, wantedBy: wanted.name }));
