import type { EgressFile, EgressInfo, ShownOrder } from '../egress.ts';
import type { EgressContext } from '../machines/egress/context.ts';
import type { EgressRecord } from './egress-store.ts';

/**
 * Where an egress stands. `asking`, `finding`: LiveKit has not said yet whether it begins · `refused`: it did not begin · `unknown`:
 * nobody knows · `lost`: LiveKit has it no longer · the others are LiveKit's own words.
 */
export type EgressState = 'asking' | 'finding' | 'refused' | 'unknown' | 'lost' | EgressInfo['status'];

/** An egress as it is shown: no credentials, no keys of addresses. */
export interface EgressView extends ShownOrder {
  readonly id: string;
  readonly state: EgressState;
  /** LiveKit's id, once it is known. */
  readonly egressId?: string;
  /** The call that it records. */
  readonly call?: string;
  /** ms since 1970. */
  readonly askedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly files: readonly EgressFile[];
  readonly streams: EgressInfo['streams'];
  /** Why it did not begin, or ended before it should. */
  readonly why?: string;
}

/** State of the machine's `life`. */
const lifeOf = (value: unknown): string => {
  const { life } = value as { readonly life: string | object };
  return typeof life === 'string' ? life : (Object.keys(life)[0] ?? '');
};

const ownStates: Readonly<Record<string, EgressState>> = {
  asking: 'asking',
  finding: 'finding',
  refused: 'refused',
  unknown: 'unknown',
  forgotten: 'unknown',
  lost: 'lost',
};

export function viewOf({ value, context }: Pick<EgressRecord, 'value' | 'context'>): EgressView {
  const { id, order, callKey, askedAt, info, failure } = context as EgressContext;
  const state = ownStates[lifeOf(value)] ?? info?.status ?? 'unknown';
  const why = info?.error ?? (info ? undefined : failure?.message);
  return {
    id,
    state,
    ...order,
    ...(info && { egressId: info.egressId }),
    ...(callKey !== undefined && { call: callKey }),
    askedAt,
    ...(info?.startedAtMs && { startedAt: info.startedAtMs }),
    ...(info?.endedAtMs && { endedAt: info.endedAtMs }),
    files: info?.files ?? [],
    streams: info?.streams ?? [],
    ...(why !== undefined && { why }),
  };
}
