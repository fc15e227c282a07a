import type { Participants } from '../actors/participants.ts';
import type { Kept } from '../actors/keep.ts';
import type { Caller } from '../actors/room.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { CallContext } from '../machines/call/context.ts';
import { splitCallKey } from './call-key.ts';
import type { Claim } from './call-queue.ts';
import type { CallStore } from './call-store.ts';
import { createKeeper, keptOnce } from './keeper.ts';
import { standingOf } from './standing.ts';

/** How many calls at once; left out: as many as there is place for. */
export interface CallLimits {
  /** All that this instance runs. */
  readonly calls: number;
  readonly perTrunk?: number;
  /** To one number of ours. */
  readonly perNumber?: number;
}

/** A caller who waited for so long hears busy: nobody likes a telephone that rings and rings. */
export const longestWaitMs = 2000;

/** Of the processors this instance may use: from `busy` on one call joins at a time, from `full` on none. Joining is the dear part. */
export const cpuBounds = { busy: 0.8, full: 0.95 } as const;

/** Whether another call may join its room now. `cpu`: share of the processors in use, 0 to 1; `joining`: calls that join already. */
export const mayJoin = ({ cpu, joining }: { readonly cpu: number; readonly joining: number }): boolean =>
  cpu < cpuBounds.busy || (cpu < cpuBounds.full && joining === 0);

/** Why a call more would be too many; nothing when it would not. `running`: whom the calls that run are with. */
export function tooMany(
  { calls, perTrunk = Infinity, perNumber = Infinity }: CallLimits,
  running: readonly (Caller | undefined)[],
  { trunk, trunkPhone }: Pick<Caller, 'trunk' | 'trunkPhone'>,
): string | undefined {
  if (running.length >= calls) return `${running.length} of ${calls} calls go on`;
  const onTrunk = running.filter((each) => trunk !== undefined && each?.trunk === trunk).length;
  if (onTrunk >= perTrunk) return `${onTrunk} of ${perTrunk} calls go on over the trunk ${trunk}`;
  const toNumber = running.filter((each) => trunkPhone !== undefined && each?.trunkPhone === trunkPhone).length;
  return toNumber >= perNumber ? `${toNumber} of ${perNumber} calls go on to the number that was called` : undefined;
}

export interface AdmissionOptions {
  readonly store: Pick<CallStore, 'load' | 'mail' | 'end' | 'openIn'>;
  readonly participants: Pick<Participants, 'remove'>;
  readonly limits: CallLimits;
  /** Share of the processors in use, 0 to 1. */
  readonly cpu: () => number;
  readonly clock: Clock;
  readonly refused: (callKey: string, why: string) => void;
  /** Whoever is there later all the same is put out then: the call is over. */
  readonly notPutOut: (room: string, failure: Failure) => void;
}

export interface Admission {
  /** Runs a call when there is place for it. A call that somebody has begun, as its record says, is always run, and at once. */
  run(claim: Claim): Promise<void>;
  /** The call is in its room, or will not come there any more. */
  joined(callKey: string): void;
}

const lookEveryMs = 50;
/** It takes no longer to join, or what is wrong is not the processor. */
const joinsWithinMs = 3000;

/** Stands before those who run calls: refuses callers whom there is no place for, so that they hear busy, and lets calls join as the processors allow. */
export function createAdmission(options: AdmissionOptions, run: (claim: Claim) => Promise<void>): Admission {
  const { store, clock, limits, cpu } = options;
  const running = new Map<string, Caller | undefined>();
  const joining = new Map<string, number>();

  function joiningNow(): number {
    for (const [callKey, since] of joining) if (clock.now() - since >= joinsWithinMs) joining.delete(callKey);
    return joining.size;
  }

  /** In one step with its being counted: of two callers who come at once one gets the last place. */
  function problemOf(caller: Caller): string | undefined {
    const problem = tooMany(limits, [...running.values()], caller);
    if (problem !== undefined) return problem;
    return mayJoin({ cpu: cpu(), joining: joiningNow() }) ? undefined : 'the processors are busy';
  }

  /** The call before it may just be ending: one who redials at once waits for that, and one who comes to a call that goes on hears busy. */
  async function takenRoom(callKey: string): Promise<string | undefined> {
    const { room } = splitCallKey(callKey);
    const [first = callKey] = await store.openIn(room);
    return first === callKey ? undefined : 'another call goes on in its room';
  }

  function count(callKey: string, caller: Caller | undefined): void {
    running.set(callKey, caller);
    joining.set(callKey, clock.now());
  }

  function discount(callKey: string): void {
    running.delete(callKey);
    joining.delete(callKey);
  }

  async function counted(claim: Claim, caller: Caller | undefined): Promise<void> {
    count(claim.callKey, caller);
    try {
      await run(claim);
    } finally {
      discount(claim.callKey);
    }
  }

  /**
   * Looks again and again whether there is place. Resolves with why there was none for as long as it may wait; rejects where the
   * store cannot say whether his room is free.
   */
  async function waited({ callKey, signal }: Claim, caller: Caller, since: number): Promise<string | undefined> {
    let problem: string | undefined;
    let away: { readonly error: unknown } | undefined;
    const look = async (): Promise<Kept> => {
      const taken = await takenRoom(callKey).catch((error: unknown) => void (away = { error }));
      if (away || signal.aborted) return 'over';
      problem = taken ?? problemOf(caller);
      if (problem === undefined) count(callKey, caller);
      else if (clock.now() - since >= longestWaitMs) return 'over';
      return problem === undefined ? 'kept' : 'failed';
    };
    const keeper = createKeeper({ write: look, clock, spacedMs: 0, retryMs: [lookEveryMs] });
    await keptOnce(keeper, signal);
    if (away) throw (away as { readonly error: unknown }).error;
    return problem;
  }

  async function placed(claim: Claim, caller: Caller, since: number): Promise<void> {
    const problem = await waited(claim, caller, since);
    if (claim.signal.aborted) return discount(claim.callKey);
    return problem === undefined ? counted(claim, caller) : refuse(claim, caller, problem);
  }

  /** A gateway that still rings tells its caller that we are busy (486). */
  async function refuse({ callKey, epoch }: Claim, { identity }: Caller, why: string): Promise<void> {
    options.refused(callKey, why);
    try {
      await store.end(callKey, epoch);
    } finally {
      const { room } = splitCallKey(callKey);
      const failure = await options.participants.remove({ room, identity });
      if (failure) options.notPutOut(room, failure);
    }
  }

  return {
    async run(claim) {
      const record = await store.load(claim.callKey);
      if (record) return counted(claim, (record.context as CallContext).caller);
      const mail = await store.mail(claim.callKey, 0);
      const { caller, order, isThere } = standingOf(mail);
      if (!caller || order || !isThere) return counted(claim, caller);
      return placed(claim, caller, mail[0]!.event.at);
    },
    joined: (callKey) => void joining.delete(callKey),
  };
}
