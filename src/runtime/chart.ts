import type { AnyStateMachine, AnyStateNode } from 'xstate';

export interface ChartState {
  /** XState's id of the node: what log entries of kind `state` list as `active`. */
  readonly id: string;
  readonly key: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly parent?: string;
  readonly initial?: boolean;
  /** Actors that run as long as the state is active. */
  readonly invokes: readonly string[];
}

export interface ChartEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Event type, `after` with the delay's name, or empty where the machine goes on by itself. */
  readonly label: string;
  readonly guard?: string;
}

/** A machine as it is drawn: states in order of declaration, edges without self-loops that change nothing visible. */
export interface Chart {
  readonly machine: string;
  readonly states: readonly ChartState[];
  readonly edges: readonly ChartEdge[];
}

/** The drawing of a machine, taken from the machine itself: what is shown is what runs. */
export function chartOf(machine: AnyStateMachine): Chart {
  const nodes = allNodes(machine.root);
  const edges = nodes.flatMap(edgesOf);
  return {
    machine: machine.id,
    states: nodes.map(stateOf),
    edges: edges.map((edge, index) => ({ ...edge, id: `e${index}` })),
  };
}

const allNodes = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(allNodes)];

function stateOf(node: AnyStateNode): ChartState {
  const parent = node.parent as AnyStateNode | undefined;
  return {
    id: node.id,
    key: node.key,
    kind: node.type,
    invokes: node.invoke.map(({ id }) => id),
    ...(parent ? { parent: parent.id } : {}),
    ...(parent?.type === 'compound' && parent.initial.target?.[0] === node ? { initial: true } : {}),
  };
}

function edgesOf(node: AnyStateNode): Omit<ChartEdge, 'id'>[] {
  const transitions = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
  return transitions.flatMap((transition) =>
    (transition.target ?? []).map((target) => ({
      from: node.id,
      to: target.id,
      label: labelOf(transition.eventType),
      ...guardOf(transition.guard),
    })),
  );
}

function labelOf(event: string): string {
  if (event.startsWith('xstate.after.')) return `after ${event.split('.')[2]}`;
  if (event.startsWith('xstate.error.')) return 'error';
  return event;
}

function guardOf(guard: unknown): { guard?: string } {
  if (typeof guard === 'string') return { guard };
  if (guard && typeof guard === 'object' && 'type' in guard) return { guard: String(guard.type) };
  return {};
}
