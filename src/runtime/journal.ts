import type { Failure } from '../failure.ts';
import type { LogDraft } from './call-log.ts';

type Journal = Extract<LogDraft, { kind: 'event' }>;

/** Fields in which speech, numbers or keys pressed may stand. They never leave the marked part of an entry. */
const personal = new Set([
  'text',
  'words',
  'digit',
  'digits',
  'input',
  // Of a tool: what it was asked is part of it.
  'key',
  'caller',
  'messages',
  'calls',
  'output',
  'error',
  'cause',
]);

/** An event that reached a machine from outside of it, as the log keeps it: facts apart from what is personal. */
export function journalEntry(at: number, to: string, event: { readonly type: string }): Journal {
  const fields = Object.entries(event).filter(([key, value]) => key !== 'type' && value !== undefined);
  const open = fields.filter(([key]) => !personal.has(key)).map(([key, value]) => [key, shown(key, value)]);
  const marked = fields.filter(([key]) => personal.has(key) || key === 'failure');
  return {
    at,
    kind: 'event',
    data: { ...Object.fromEntries(open), to, type: event.type },
    ...(marked.length > 0 ? { pii: Object.fromEntries(marked.map(([key, value]) => [key, plainly(value)])) } : {}),
  };
}

/** A vendor may repeat in its refusal what it was asked: its own words stay with what is personal. */
const shown = (key: string, value: unknown): unknown =>
  key === 'failure' ? { ...(value as Failure), message: inOurWords(value as Failure) } : value;

function inOurWords({ class: kind, sub, phase, httpStatus, wsCode, errno }: Failure): string {
  const details = [sub, httpStatus ?? wsCode ?? errno].filter((each) => each !== undefined);
  return `${kind} failure at ${phase}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}

/** An error has no fields of its own that JSON would keep. */
const plainly = (value: unknown): unknown => (value instanceof Error ? value.message : value);
