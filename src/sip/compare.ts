import { Secret } from '../secret.ts';
import type { SipThing } from './model.ts';

/** A field that differs, as text for a person. Secrets show as such. */
export interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** What has to change for `from` to be `to`. The order within lists means nothing. */
export function changedFields(from: SipThing | undefined, to: SipThing): readonly FieldChange[] {
  const [before, after] = [fieldsOf(from), fieldsOf(to)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((field) => exact(before[field]) !== exact(after[field]))
    .map((field) => change(field, shown(before[field]), shown(after[field])));
}

/** Two secrets look the same and differ. */
const change = (field: string, from: string, to: string): FieldChange => ({
  field,
  from,
  to: from === to ? `another ${to}` : to,
});

function fieldsOf(thing: SipThing | undefined): Readonly<Record<string, unknown>> {
  if (thing === undefined) return {};
  const { kind: _kind, id: _id, ...fields } = thing as SipThing & { readonly id?: string };
  return fields;
}

/** The same text for equal values, secrets included; empty values are none. */
function exact(value: unknown): string {
  if (isNone(value)) return '';
  if (value instanceof Secret) return JSON.stringify({ secret: value.reveal() });
  if (Array.isArray(value)) return JSON.stringify(value.toSorted());
  return typeof value === 'object' ? entriesOf(value, exact) : JSON.stringify(value);
}

function shown(value: unknown): string {
  if (isNone(value)) return 'none';
  if (Array.isArray(value)) return value.toSorted().join(', ');
  return typeof value === 'object' && !(value instanceof Secret) ? entriesOf(value, shown) : String(value);
}

const isNone = (value: unknown): value is undefined | null | '' | false =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && !(value instanceof Secret) && Object.keys(value).length === 0);

const entriesOf = (value: object, text: (value: unknown) => string): string =>
  Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${key} ${text(each)}`)
    .join(', ');
