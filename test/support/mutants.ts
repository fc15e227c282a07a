import { type AnyStateMachine, type AnyStateNode, not } from 'xstate';
import { nodesOf, pathOf } from './state-nodes.ts';
import { nameOfTransition, type Transition, transitionsOf } from './transitions.ts';

export const mutantKinds = ['edge', 'target', 'after', 'guard', 'invoke', 'entry', 'action'] as const;

/** What is wrong with a machine: one of these is dropped, but a target is another and a guard says the opposite. */
export type MutantKind = (typeof mutantKinds)[number];

/** A machine with one thing wrong. */
export interface Mutant {
  readonly kind: MutantKind;
  readonly name: string;
  /** Path of the state that it is wrong in. */
  readonly node: string;
  /** The transition that is wrong, by the name it has in the machine that is right. */
  readonly transition?: string;
  /** A copy of a machine with this wrong in it. */
  of(machine: AnyStateMachine): AnyStateMachine;
}

type Change = (node: AnyStateNode) => void;

interface Action {
  readonly type?: string;
  readonly delay?: unknown;
  readonly id?: string;
  readonly name?: string;
}

/** Where a machine goes round and round, this many rounds are enough to say so. */
const mostRounds = 500;

function mutated(machine: AnyStateMachine, path: string, change: Change): AnyStateMachine {
  const copy = machine.provide({});
  Object.assign(copy, { options: { ...copy.options, maxIterations: mostRounds } });
  change(nodesOf(copy.root).find((node) => pathOf(node) === path)!);
  return copy;
}

/** Everything that may be wrong in these states, one mutant for each. */
export const mutantsOf = (nodes: readonly AnyStateNode[]): Mutant[] => nodes.flatMap(mutantsIn);

const mutantsIn = (node: AnyStateNode): Mutant[] => [
  ...transitionsOf(node).flatMap((each) => wrongTransitions(node, each)),
  ...timersOf(node).map((type) => mutant('after', node, type, dropTimer(type))),
  ...node.invoke.map(({ id }) => mutant('invoke', node, id, dropInvoke(id))),
  ...actionsOf(node.entry).map(({ label, index }) => mutant('entry', node, label, dropEntry(index))),
];

const mutant = (kind: MutantKind, node: AnyStateNode, what: string, change: Change, transition?: string): Mutant => ({
  kind,
  name: `${kind}: ${pathOf(node)} ${what}`,
  node: pathOf(node),
  ...(transition === undefined ? {} : { transition }),
  of: (machine) => mutated(machine, pathOf(node), change),
});

/** All things that may be wrong with one transition. */
function wrongTransitions(node: AnyStateNode, transition: Transition): Mutant[] {
  const name = nameOfTransition(transition);
  const what = name.slice(pathOf(node).length + 1);
  const index = listOf(node, transition.eventType).indexOf(transition);
  const change = (wrong: (each: Transition, copy: AnyStateNode) => Partial<Transition>): Change => {
    return (copy) => {
      const each = listOf(copy, transition.eventType)[index]!;
      Object.assign(each, wrong(each, copy));
    };
  };
  const make = (kind: MutantKind, label: string, by: Change) => mutant(kind, node, label, by, name);
  const elsewhere = transition.target?.[0] && other(transition.target[0]);
  return [
    make('edge', what, (copy) => drop(copy, transition.eventType, index)),
    ...(elsewhere
      ? [
          make(
            'target',
            `${what}, but ${elsewhere.id}`,
            change((_, copy) => ({ target: [nodesOf(copy.machine.root).find(({ id }) => id === elsewhere.id)!] })),
          ),
        ]
      : []),
    ...(transition.guard === undefined
      ? []
      : [
          make(
            'guard',
            `${what}, guard`,
            change((each) => ({ guard: not(each.guard as never) })),
          ),
        ]),
    ...actionsOf(transition.actions).map(({ label, index: at }) =>
      make(
        'action',
        `${what}, ${label}`,
        change((each) => ({ actions: each.actions.toSpliced(at, 1) })),
      ),
    ),
  ];
}

const listOf = (node: AnyStateNode, eventType: string): Transition[] =>
  (eventType === '' ? (node.always ?? []) : (node.transitions.get(eventType) ?? [])) as unknown as Transition[];

function drop(node: AnyStateNode, eventType: string, index: number): void {
  const rest = listOf(node, eventType).toSpliced(index, 1) as never;
  if (eventType === '') node.always = rest;
  else node.transitions.set(eventType, rest);
}

/** The next state beside one, or beside those above it. */
function other(node: AnyStateNode): AnyStateNode | undefined {
  const { parent } = node;
  if (!parent) return undefined;
  const all = Object.values(parent.states) as AnyStateNode[];
  if (parent.type === 'parallel' || all.length === 1) return other(parent);
  return all[(all.indexOf(node) + 1) % all.length];
}

const isTimer = (action: Action): boolean => action.type === 'xstate.raise' && action.delay !== undefined;

const timersOf = (node: AnyStateNode): string[] => [...new Set(node.after.map(({ eventType }) => eventType))];

const dropTimer =
  (type: string): Change =>
  (node) =>
    Object.assign(node, { entry: (node.entry as Action[]).filter((each) => !isTimer(each) || each.id !== type) });

const dropInvoke =
  (id: string): Change =>
  (node) =>
    node.invoke.splice(
      node.invoke.findIndex((each) => each.id === id),
      1,
    );

const dropEntry =
  (index: number): Change =>
  (node) =>
    Object.assign(node, { entry: (node.entry as Action[]).toSpliced(index, 1) });

/** Actions that are no timers, under names for people. */
const actionsOf = (actions: readonly unknown[]): { readonly label: string; readonly index: number }[] =>
  (actions as readonly (Action | string)[]).flatMap((action, index) =>
    typeof action !== 'string' && isTimer(action) ? [] : [{ label: `action ${labelOf(action)} [${index}]`, index }],
  );

const labelOf = (action: Action | string): string =>
  typeof action === 'string' ? action : (action.type ?? action.name ?? 'inline');
