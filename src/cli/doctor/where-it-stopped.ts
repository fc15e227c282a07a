import type { LogEntry } from '../../runtime/call-log.ts';
import type { Calls } from '../../runtime/calls.ts';
import { conversationStates } from '../conversation-states.ts';

const readWithinMs = 500;

/** What the log of a call says of why it went no further, for the end of a sentence. */
export async function whereItStopped(calls: Pick<Calls, 'entries'>, callKey: string): Promise<string> {
  const entries: LogEntry[] = [];
  for await (const entry of calls.entries(callKey, { after: 0, signal: AbortSignal.timeout(readWithinMs) }))
    entries.push(entry);
  if (entries.length === 0) return '; no call began';
  const failures = entries.flatMap((entry) => (entry.kind === 'event' ? failureIn(entry.data) : []));
  const last = entries.findLast((entry) => entry.kind === 'state' && entry.data.machine === 'call');
  const states = last?.kind === 'state' ? conversationStates(last.data.value).join(' › ') : '';
  return [states && `; it was in ${states}`, failures.length > 0 ? `; ${failures.at(-1)}` : ''].join('');
}

function failureIn(data: Readonly<Record<string, unknown>>): readonly string[] {
  const { failure } = data as { readonly failure?: { readonly vendor?: string; readonly message?: string } };
  return failure?.message === undefined ? [] : [`${failure.vendor}: ${failure.message}`];
}
