import type { AnyStateMachine } from 'xstate';
import { type DelayName, delaysMs } from '../machines/deadlines.ts';
import { callMachineVersion } from '../machines/call/call.machine.ts';
import type { CallContext } from '../machines/call/context.ts';
import type { CallRecord, SavedTimer } from './call-store.ts';
import type { Restorable } from './restore.ts';

/** Where a call goes on, and the deadline of that state which its restoring does not begin by itself. */
interface Standing {
  readonly value: unknown;
  readonly deadline?: { readonly name: DelayName; readonly of: string };
}

/** Of a call whose state is no more: it listens if its caller has heard us or was heard, else it rings. */
const listening: Standing = {
  value: { live: { conversation: { talking: { listening: 'quiet' } } } },
  deadline: { name: 'maxCall', of: 'call.live.conversation.talking' },
};
const ringing: Standing = {
  value: { live: { conversation: 'ringing' } },
  deadline: { name: 'callerAnswers', of: 'call.live.conversation.ringing' },
};
const leaving: Standing = { value: { leaving: 'hangingUp' } };
const lookingUp: Standing = { value: { live: { conversation: { dialing: 'lookingUp' } } } };

/** What a machine goes on from. */
export interface Upgraded extends Restorable {
  readonly timers: readonly SavedTimer[];
}

/**
 * What another version of the machine has saved, as this one can go on from it: what it did not know of is as at the start,
 * the agent is as it is now, and history and consent stay. A record of this version is left as it is.
 */
export function upgraded(machine: AnyStateMachine, record: CallRecord, fresh: CallContext, now: number): Upgraded {
  if (record.version === String(callMachineVersion)) return record;
  const saved = record.context as Partial<CallContext>;
  const ears = { ...fresh.ears, ...saved.ears };
  const context: CallContext = { ...fresh, ...saved, ears, agent: fresh.agent };
  const standing = standingOf(machine, record.value, context);
  return { value: standing.value, context, timers: timersFor(standing, record.timers, context, now) };
}

function standingOf(machine: AnyStateMachine, value: unknown, context: CallContext): Standing {
  const known = knownValue(machine, value, context);
  if (known !== undefined && !('live' in known)) return { value: known };
  // Whatever another version means by its states, who may have been called is looked for and not called again.
  if (context.dial && context.dial.outcome === undefined) return lookingUp;
  if (known !== undefined) return { value: known };
  if (context.history.length > 0 || context.dial?.answeredAt !== undefined) return listening;
  return context.dial ? leaving : ringing;
}

/** The state value as this machine has it; nothing when it has no such state. */
function knownValue(machine: AnyStateMachine, value: unknown, context: CallContext): object | undefined {
  try {
    return machine.resolveState({ value, context } as Parameters<AnyStateMachine['resolveState']>[0]).value as object;
  } catch {
    return undefined;
  }
}

/** The saved ones, and the deadline of a state that was chosen, if it is not among them. */
function timersFor({ deadline }: Standing, timers: readonly SavedTimer[], context: CallContext, now: number) {
  if (!deadline) return timers;
  const { name, of } = deadline;
  const type = `xstate.after.${name}.${of}`;
  if (timers.some(({ id }) => id === type)) return timers;
  const lastsMs = name === 'maxCall' ? context.agent.maxCallMs : delaysMs[name];
  return [...timers, { id: type, event: { type }, dueAt: now + lastsMs, kind: 'wall' as const }];
}
