import type { LimitableOperation } from '../posture.ts';
import { type Limits, switchedOff } from '../runtime/limits.ts';
import type { Problem } from './problem.ts';
import type { RouteShape } from './route.ts';

export const limited = {
  status: 503,
  code: 'limited',
  title: 'Recovery has switched this off for now, to keep calls going',
  retryable: true,
  fix: 'GET /v1/recovery says why and since when; ask again later',
} as const satisfies Problem;

/** Refuses what recovery has switched off. */
export function limitedNow(shape: RouteShape, body: unknown, limits: Limits): Problem | undefined {
  const operation = operationOf(shape, body);
  const afterMs = operation && limits(operation);
  if (operation === undefined || afterMs === undefined) return undefined;
  return { ...limited, title: `Not done: ${switchedOff(operation)}`, retryAfterSeconds: Math.ceil(afterMs / 1000) };
}

const operationOf = ({ limitable }: RouteShape, body: unknown): LimitableOperation | undefined =>
  typeof limitable === 'function' ? limitable(body) : limitable;
