import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { bareAlerting } from '../../src/machines/alert/alert.machine.ts';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { bareEgress } from '../../src/machines/egress/egress.machine.ts';
import { bareReconciler } from '../../src/machines/reconciler/reconciler.machine.ts';
import { bareKeeping } from '../../src/machines/keeping/keeping.machine.ts';
import { bareRecovery } from '../../src/machines/recovery/recovery.machine.ts';
import { bareReply } from '../../src/machines/reply/reply.machine.ts';
import { bareToken } from '../../src/machines/token/token.machine.ts';
import { bareWorker } from '../../src/machines/worker/worker.machine.ts';

export const machines: readonly AnyStateMachine[] = [
  bareCall,
  bareReply,
  bareToken,
  bareEgress,
  bareAlerting,
  bareKeeping,
  bareRecovery,
  bareReconciler,
  bareWorker,
];

/** Every state of a machine, the root first. */
export const nodesOf = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(nodesOf)];

const paths = new WeakMap<AnyStateNode, string>();

/** Dotted path of a state. */
export function pathOf(node: AnyStateNode): string {
  const path = paths.get(node) ?? node.path.join('.');
  paths.set(node, path);
  return path;
}

/** Machine id and state path, as the tables of `deadlines.ts` name states. */
export const nameOf = (node: AnyStateNode): string => `${node.machine.id} ${pathOf(node)}`;

/** Entered and left in the same step: its last eventless transition has no condition. */
export const isTransient = (node: AnyStateNode): boolean =>
  node.always?.at(-1)?.guard === undefined && node.always?.length !== 0 && node.always !== undefined;

/** Names of the delays that this state itself waits for. */
export const delaysOf = (node: AnyStateNode): string[] => [...new Set(node.after.map(({ delay }) => String(delay)))];
