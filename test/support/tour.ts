export interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** An edge of the graph: which event of a state leads where. */
export interface Edge {
  readonly name: string;
  readonly from: string;
  readonly event: Event;
  readonly to: string;
}

/** A state on the tour: what is left to take there, and how a search came to it. */
export interface Place {
  readonly key: string;
  left: Edge[];
  roads: readonly { readonly edge: Edge; readonly to: Place }[];
  search: number;
  cameBy?: { readonly edge: Edge; readonly from: Place } | undefined;
}

/** All states, with their edges still to take. */
export function placesOf(edges: ReadonlyMap<string, readonly Edge[]>): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  // Those that lead nowhere else first: they cost one step each.
  for (const [key, list] of edges)
    places.set(key, { key, left: list.toSorted((a, b) => stays(b) - stays(a)), roads: [], search: 0 });
  for (const [key, list] of edges) {
    const roads = new Map(list.map((edge) => [edge.to, { edge, to: places.get(edge.to)! }]));
    places.get(key)!.roads = [...roads.values()];
  }
  return places;
}

const stays = (edge: Edge): number => (edge.from === edge.to ? 1 : 0);

let searches = 0;

/** The shortest way from a place to an edge that was not taken, the edge included. */
export function nearest(from: Place): Edge[] | undefined {
  const search = ++searches;
  from.search = search;
  from.cameBy = undefined;
  const queue = [from];
  for (const place of queue) {
    if (place.left[0]) return [...roadTo(place), place.left[0]];
    for (const { edge, to } of place.roads) {
      if (to.search === search) continue;
      to.search = search;
      to.cameBy = { edge, from: place };
      queue.push(to);
    }
  }
  return undefined;
}

function roadTo(place: Place): Edge[] {
  const path: Edge[] = [];
  for (let step = place.cameBy; step; step = step.from.cameBy) path.unshift(step.edge);
  return path;
}
