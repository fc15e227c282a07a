import { claimsOf, type DispatchRule, type Held, type SipKind, type SipThing } from './model.ts';

/** One thing of the file, and what stands for it on the server. */
export interface Pair {
  readonly wanted: SipThing;
  readonly held?: Held;
}

/** The server's things, sorted by what the file says. Rules name their trunks as the file does where it knows them. */
export interface Pairing {
  readonly pairs: readonly Pair[];
  /** More things of a name that the file gives to one: what two at once left behind. */
  readonly twins: readonly Held[];
  /** What the file does not name. */
  readonly extra: readonly Held[];
}

/**
 * By name (or by id, for a thing that has no name of its own); then a thing of the file that the server lacks takes the place
 * of one that the file does not name and that has its numbers, so that these are answered all the while. Unless `mayDrop`,
 * only of one that has nothing else.
 */
export function pairUp(wanted: readonly SipThing[], held: readonly Held[], mayDrop: boolean): Pairing {
  const trunks = (['inbound', 'outbound'] as const).map((kind) => pairKind(kind, wanted, held, mayDrop));
  const names = new Map(
    trunks.flatMap(({ pairs }) => pairs.flatMap((pair) => (pair.held ? [[pair.held.id, pair.wanted.name]] : []))),
  );
  const named = held.map((each) => (each.kind === 'rule' ? withNames(each, names) : each));
  const all = [...trunks, pairKind('rule', wanted, named, mayDrop)];
  return {
    pairs: all.flatMap(({ pairs }) => pairs),
    twins: all.flatMap(({ twins }) => twins),
    extra: all.flatMap(({ extra }) => extra),
  };
}

const withNames = (rule: Held<DispatchRule>, names: ReadonlyMap<string, string>): Held<DispatchRule> => ({
  ...rule,
  trunks: rule.trunks.map((id) => names.get(id) ?? id),
});

function pairKind(kind: SipKind, allWanted: readonly SipThing[], allHeld: readonly Held[], mayDrop: boolean): Pairing {
  const wanted = allWanted.filter((thing) => thing.kind === kind);
  // The same choice among twins, whoever makes it.
  const left = new Set(allHeld.filter((thing) => thing.kind === kind).toSorted((a, b) => (a.id < b.id ? -1 : 1)));
  const found = new Map<SipThing, Held>();
  const take = (thing: SipThing, held: Held | undefined) => {
    if (held === undefined) return;
    left.delete(held);
    found.set(thing, held);
  };
  for (const thing of wanted)
    take(
      thing,
      find(left, (each) => each.id === thing.name),
    );
  for (const thing of wanted)
    if (!found.has(thing))
      take(
        thing,
        find(left, (each) => each.name === thing.name),
      );
  const names = new Set([...found].flatMap(([thing, held]) => (held.name === thing.name ? [thing.name] : [])));
  const twins = [...left].filter((each) => names.has(each.name));
  for (const twin of twins) left.delete(twin);
  for (const thing of wanted)
    if (!found.has(thing))
      take(
        thing,
        find(left, (each) => givesWay(each, thing, mayDrop)),
      );
  return { pairs: wanted.map((thing) => pairOf(thing, found.get(thing))), twins, extra: [...left] };
}

const pairOf = (wanted: SipThing, held: Held | undefined): Pair => (held === undefined ? { wanted } : { wanted, held });

const find = (held: Iterable<Held>, accept: (each: Held) => boolean): Held | undefined => [...held].find(accept);

function givesWay(held: Held, wanted: SipThing, mayDrop: boolean): boolean {
  const taken = new Set(claimsOf(wanted));
  const claims = claimsOf(held);
  return claims.some((claim) => taken.has(claim)) && (mayDrop || claims.every((claim) => taken.has(claim)));
}
