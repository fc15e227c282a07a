import type { AnyStateMachine } from 'xstate';
import { callMachineVersion } from '../machines/call/call.machine.ts';
import type { CallContext } from '../machines/call/context.ts';
import type { CallRecord } from './call-store.ts';
import type { Restorable } from './restore.ts';

/** Where a call goes on whose state is no more: it listens if its caller has heard us, else it rings. */
const listening = { live: { conversation: { talking: { listening: 'quiet' } } } };
const ringing = { live: { conversation: 'ringing' } };

/**
 * What another version of the machine has saved, as this one can go on from it: what it did not know of is as at the start,
 * the agent is as it is now, and history and consent stay. A record of this version is left as it is.
 */
export function upgraded(machine: AnyStateMachine, record: CallRecord, fresh: CallContext): Restorable {
  if (record.version === String(callMachineVersion)) return record;
  const context: CallContext = { ...fresh, ...(record.context as Partial<CallContext>), agent: fresh.agent };
  return { value: standing(machine, record.value, context), context };
}

function standing(machine: AnyStateMachine, value: unknown, context: CallContext): unknown {
  try {
    return machine.resolveState({ value, context } as Parameters<AnyStateMachine['resolveState']>[0]).value;
  } catch {
    return context.history.length > 0 ? listening : ringing;
  }
}
