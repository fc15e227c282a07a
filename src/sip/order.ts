import { claimsOf, type Held, normalNumber, type SipKind, type SipThing } from './model.ts';

/** One request to the server. */
export type SipStep =
  /** Makes it idle: it has its name and answers nothing. */
  | { readonly do: 'create'; readonly kind: SipKind; readonly name: string }
  /** Makes the thing that stands for `thing.name` what `thing` says; `id` where it stands under another name. */
  | { readonly do: 'update'; readonly thing: SipThing; readonly id?: string }
  | { readonly do: 'delete'; readonly kind: SipKind; readonly name: string; readonly id: string };

/** A thing on its way from what the server has to what the file wants; without `wanted` it goes. */
export interface Move {
  readonly held?: Held;
  readonly wanted?: SipThing;
  /** It is there already. */
  readonly stays?: boolean;
}

interface Node extends Move {
  claims: readonly string[];
  state: 'waiting' | 'moving' | 'done';
}

/** What no call is ever for. */
export const idleName = (name: string): string => `idle-${name}`;

/**
 * Steps for things of one kind, such that nothing is taken before its holder let go of it, which LiveKit refuses or, worse,
 * lets pass and then answers neither; and that it is taken as soon as it was let go. A ring of things that wait for each
 * other is opened at one of them. What goes and stands in nobody's way is left to the caller.
 *
 * Where two have the same already, which two at once can bring about, LiveKit refuses every change beside them: that is
 * ended first.
 */
export function orderMoves(moves: readonly Move[]): readonly SipStep[] {
  const nodes = moves.map((move): Node => ({
    ...move,
    claims: move.held ? claimsOf(move.held) : [],
    state: move.stays ? 'done' : 'waiting',
  }));
  const steps: SipStep[] = [];

  function place(node: Node, wanted: SipThing): void {
    node.state = 'moving';
    const wants = claimsOf(wanted);
    for (const other of holdersOf(nodes, wants, node)) clear(other);
    steps.push(updateOf(node, wanted));
    node.claims = wants;
    node.state = 'done';
  }

  function clear(other: Node): void {
    const { held, wanted, state } = other;
    if (state === 'waiting' && wanted) return place(other, wanted);
    if (state === 'done' || !held) return;
    becomes(other, held, wanted && reduced(held, wanted));
  }

  function becomes(node: Node, held: Held, less: SipThing | undefined): void {
    steps.push(less ? updateOf(node, less) : deletionOf(held));
    node.claims = less ? claimsOf(less) : [];
    if (!less) node.state = 'done';
  }

  for (const node of crowded(nodes)) becomes(node, node.held!, node.wanted && idled(node.held!, node.wanted));
  for (const node of nodes) if (node.state === 'waiting' && node.wanted) place(node, node.wanted);
  return steps;
}

const holdersOf = (nodes: readonly Node[], wants: readonly string[], self: Node): readonly Node[] => {
  const wanted = new Set(wants);
  return nodes.filter((node) => node !== self && node.claims.some((claim) => wanted.has(claim)));
};

const updateOf = ({ held }: Move, thing: SipThing): SipStep =>
  held ? { do: 'update', thing, id: held.id } : { do: 'update', thing };

export const deletionOf = ({ kind, name, id }: Held): SipStep => ({ do: 'delete', kind, name, id });

/** Those that have what another has too, and are not to have it. */
function crowded(nodes: readonly Node[]): readonly Node[] {
  const counts = new Map<string, number>();
  for (const claim of nodes.flatMap(({ claims }) => [...new Set(claims)]))
    counts.set(claim, (counts.get(claim) ?? 0) + 1);
  return nodes.filter(({ claims, wanted }) => {
    const wants = new Set(wanted ? claimsOf(wanted) : []);
    return claims.some((claim) => !wants.has(claim) && (counts.get(claim) ?? 0) > 1);
  });
}

/** Under its new name, by which it is found when nobody comes to the next step. */
function idled(held: Held, { name }: SipThing): SipThing {
  if (held.kind === 'rule') return { ...held, name, trunks: [idleName(name)] };
  return { ...held, name, numbers: [idleName(name)] };
}

/** As it is, without what it has to let go of. */
function reduced(held: Held, wanted: SipThing): SipThing {
  if (held.kind !== 'inbound') return idled(held, wanted);
  const kept = new Set(claimsOf(wanted));
  const numbers = held.numbers.filter((number) => kept.has(normalNumber(number)));
  return numbers.length > 0 ? { ...held, name: wanted.name, numbers } : idled(held, wanted);
}
