import type { Kept } from '../../actors/keep.ts';
import type { Clock } from '../../clock.ts';
import type { Claim, RunOptions } from '../../runtime/call-queue.ts';
import { type CallStore, StoreUnavailable } from '../../runtime/call-store.ts';
import { createKeeper, keptOnce } from '../../runtime/keeper.ts';
import { pause } from '../../runtime/pause.ts';
import type { TakenCall } from './call-jobs.ts';
import type { Lease, Leases } from './leases.ts';

const maxAttempts = 3;
const pauseMs = 250;

export interface TakenParts {
  /** Where claims are numbered. */
  readonly store: Pick<CallStore, 'claim' | 'release'>;
  readonly leases: Pick<Leases, 'keep'>;
  readonly clock: Clock;
}

type Handler = (claim: Claim) => Promise<void>;

/** `waits`: nobody runs it, and somebody should. */
type Outcome = 'done' | 'waits';

/** Runs a call that was taken until it is done, goes on elsewhere, or is another's. Never rejects. */
export async function runTaken(
  parts: TakenParts,
  { call, takenAt }: { readonly call: TakenCall; readonly takenAt: number },
  told: RunOptions,
  handler: Handler,
): Promise<Outcome> {
  const taken = new AbortController();
  const lease = parts.leases.keep(call, takenAt, () => taken.abort());
  const outcome = await tries(parts, { call, lease, taken: taken.signal }, told, handler);
  // Before that: a renewal that comes after it would take the call out of those that wait.
  lease.end();
  // Where Redis is away its lock runs out, and the next owner finds it as it stands in the store.
  if (!taken.signal.aborted) await (outcome === 'waits' ? call.putBack() : call.done()).catch(() => undefined);
  return outcome;
}

interface Holding {
  readonly call: TakenCall;
  readonly lease: Lease;
  /** Aborts when it is another's. */
  readonly taken: AbortSignal;
}

async function tries(parts: TakenParts, holding: Holding, told: RunOptions, handler: Handler): Promise<Outcome> {
  const { callKey } = holding.call;
  for (let attempt = 1; ; attempt += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one try after another
    const owning = await parts.store.claim(callKey).catch(() => 'unavailable' as const);
    // oxlint-disable-next-line no-await-in-loop
    if (owning === 'unavailable') return waiting(parts, holding.taken);
    if (owning === undefined) return 'done';
    // oxlint-disable-next-line no-await-in-loop
    const came = await tryOnce({ ...holding, ...owning, attempt }, handler);
    if ('outcome' in came) return came.outcome;
    if (holding.taken.aborted) return 'done';
    // oxlint-disable-next-line no-await-in-loop
    if (isAway(came.failed)) return letGo(parts, { ...owning, callKey }, AbortSignal.any([holding.taken, told.signal]));
    if (attempt < maxAttempts) continue;
    told.lost?.(callKey, came.failed);
    return 'done';
  }
}

async function waiting({ clock }: TakenParts, taken: AbortSignal): Promise<'waits'> {
  await pause(clock, pauseMs, taken);
  return 'waits';
}

const isAway = (error: unknown): boolean =>
  error instanceof StoreUnavailable && (error.code === 'away' || error.code === 'full');

/** A store that does not answer says nothing about the call: neither a try nor a crash of it is counted. */
async function letGo(
  { store, clock }: TakenParts,
  { callKey, epoch }: Pick<Claim, 'callKey' | 'epoch'>,
  signal: AbortSignal,
): Promise<'waits'> {
  const write = async (): Promise<Kept> => {
    await store.release(callKey, epoch);
    return 'kept';
  };
  await keptOnce(createKeeper({ write, clock, spacedMs: 0, retryMs: [pauseMs] }), signal);
  return 'waits';
}

async function tryOnce(
  { call, lease, taken, ...numbers }: Holding & Pick<Claim, 'epoch' | 'crashes' | 'attempt'>,
  handler: Handler,
): Promise<{ readonly outcome: Outcome } | { readonly failed: unknown }> {
  const over = new AbortController();
  let outcome: Outcome = 'done';
  const handOver = (): void => void (outcome = 'waits');
  const signal = AbortSignal.any([taken, over.signal]);
  try {
    await handler({ ...numbers, callKey: call.callKey, confirmedAt: lease.confirmedAt, signal, handOver });
    return { outcome };
  } catch (failed) {
    return { failed };
  } finally {
    over.abort();
  }
}
