import type { AnyStateNode } from 'xstate';
import { pathOf } from './state-nodes.ts';

export interface Transition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly target?: readonly AnyStateNode[];
  readonly actions: readonly unknown[];
  readonly guard?: unknown;
}

const names = new WeakMap<Transition, string>();

/** Names a transition by its place in its state, so that machines made alike have the same names. */
export function nameOfTransition(transition: Transition): string {
  const name = names.get(transition) ?? madeName(transition);
  names.set(transition, name);
  return name;
}

function madeName(transition: Transition): string {
  const { source, eventType } = transition;
  const list = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
  const target = transition.target?.map(({ id }) => id).join(',') ?? 'stays';
  return `${pathOf(source)} + ${eventType || 'always'} [${list.indexOf(transition as never)}] → ${target}`;
}

/** Every transition of a state itself that does anything. */
export const transitionsOf = (node: AnyStateNode): Transition[] =>
  ([...[...node.transitions.values()].flat(), ...(node.always ?? [])] as unknown as Transition[]).filter(
    ({ target, actions, eventType }) => (target !== undefined || actions.length > 0) && !eventType.startsWith('test.'),
  );
