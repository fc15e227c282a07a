import type { LogDraft } from './call-log.ts';

type Journal = Extract<LogDraft, { kind: 'event' }>;

/** Fields in which speech, numbers or keys pressed may stand. They never leave the marked part of an entry. */
const personal = new Set([
  'text',
  'words',
  'digit',
  'digits',
  'input',
  'caller',
  'messages',
  'calls',
  'output',
  'error',
]);

/** An event that reached a machine from outside of it, as the log keeps it: facts apart from what is personal. */
export function journalEntry(at: number, to: string, event: { readonly type: string }): Journal {
  const fields = Object.entries(event).filter(([key, value]) => key !== 'type' && value !== undefined);
  const open = fields.filter(([key]) => !personal.has(key));
  const marked = fields.filter(([key]) => personal.has(key)).map(([key, value]) => [key, plainly(value)]);
  return {
    at,
    kind: 'event',
    data: { ...Object.fromEntries(open), to, type: event.type },
    ...(marked.length > 0 ? { pii: Object.fromEntries(marked) } : {}),
  };
}

/** An error has no fields of its own that JSON would keep. */
const plainly = (value: unknown): unknown => (value instanceof Error ? value.message : value);
