import type { Failure } from '../failure.ts';
import {
  type Held,
  idleName,
  type PlanOptions,
  planOf,
  refOf,
  type SipChange,
  type SipKind,
  type SipPlan,
  type SipStep,
  type SipThing,
} from '../sip.ts';

/**
 * The server's telephone lines. One request a call; rejects with `SipAdminError`, and repeats nothing.
 * What the server knows of a thing and `SipThing` cannot say stays as it is when the thing is updated.
 */
export interface SipAdmin {
  /** Everything there is. Rules give the ids of their trunks. */
  list(): Promise<readonly Held[]>;
  /** Makes one of this name that answers nothing and calls nobody. Resolves with its id. */
  create(kind: SipKind, name: string): Promise<string>;
  /** Makes it what `thing` says, at once and whole. A rule gives the ids of its trunks. */
  update(id: string, thing: SipThing): Promise<void>;
  /** That it was gone already is no failure. */
  remove(kind: SipKind, id: string): Promise<void>;
}

export class SipAdminError extends Error {
  override readonly name = 'SipAdminError';
  readonly failure: Failure;
  /** Unknown by now, or in conflict with another: the server may have changed since it was read. */
  readonly isStale: boolean;

  constructor(failure: Failure, isStale: boolean) {
    super(failure.message);
    this.failure = failure;
    this.isStale = isStale;
  }
}

export interface Applied {
  readonly result: 'unchanged' | 'applied' | 'blocked';
  /** What was to be changed when it began; empty when it was blocked from the beginning. */
  readonly changes: readonly SipChange[];
  /** The plan of the last reading: what is blocked, what stays. */
  readonly last: SipPlan;
}

const mostReadings = 20;

/**
 * Makes the server be as the file says, and reads it again until nothing is left to do: others may do the same at the same
 * time, or have been stopped half-way. A step that fails because the server is no longer as it was read ends the plan, and
 * the next reading makes another; after `mostReadings` that is what it rejects with. Before each step `signal` may end it.
 */
export async function applySip(
  admin: SipAdmin,
  wanted: readonly SipThing[],
  options: PlanOptions & {
    readonly signal?: AbortSignal;
    /** Waited for before the server is read again: two who go on in step would be in each other's way for ever. */
    readonly pause?: () => Promise<void>;
  },
): Promise<Applied> {
  let changes: readonly SipChange[] = [];
  let trouble: unknown;
  for (let reading = 0; reading < mostReadings; reading += 1) {
    // oxlint-disable-next-line no-await-in-loop
    const plan = planOf(wanted, await admin.list(), options);
    if (plan.blocked.length > 0) return { result: 'blocked', changes, last: plan };
    if (reading === 0) changes = plan.changes;
    if (plan.steps.length === 0) return { result: changes.length > 0 ? 'applied' : 'unchanged', changes, last: plan };
    // oxlint-disable-next-line no-await-in-loop
    trouble = await runSteps(admin, plan, options.signal);
    // oxlint-disable-next-line no-await-in-loop
    if (trouble !== undefined) await options.pause?.();
  }
  throw trouble ?? new Error(`the server was changed by somebody else each of the ${mostReadings} times it was read`);
}

/** Gives the failure that ended it, when the server may have changed. */
async function runSteps(admin: SipAdmin, plan: SipPlan, signal: AbortSignal | undefined): Promise<unknown> {
  const ids = new Map(plan.ids);
  for (const step of plan.steps) {
    signal?.throwIfAborted();
    try {
      // oxlint-disable-next-line no-await-in-loop
      await runStep(admin, step, ids);
    } catch (error) {
      if (error instanceof SipAdminError && error.isStale) return error;
      throw error;
    }
  }
  return undefined;
}

async function runStep(admin: SipAdmin, step: SipStep, ids: Map<string, string>): Promise<void> {
  if (step.do === 'delete') return admin.remove(step.kind, step.id);
  if (step.do === 'create') return void ids.set(refOf(step.kind, step.name), await admin.create(step.kind, step.name));
  const { thing } = step;
  const id = step.id ?? ids.get(refOf(thing.kind, thing.name)) ?? idleName(thing.name);
  return admin.update(id, withIds(thing, ids));
}

const withIds = (thing: SipThing, ids: ReadonlyMap<string, string>): SipThing =>
  thing.kind === 'rule'
    ? { ...thing, trunks: thing.trunks.map((name) => ids.get(refOf('inbound', name)) ?? name) }
    : thing;
