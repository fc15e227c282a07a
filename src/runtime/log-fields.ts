import { redact } from '../failure.ts';

/** What callers say, and their numbers: the only place for either. */
export interface Pii {
  readonly speech?: string;
  /** E.164. */
  readonly phone?: string;
}

/** `mask`: speech as its length, numbers as their first and last two digits. `keep`: as they are. */
export type PiiRule = 'mask' | 'keep';

const deepest = 6;
const mostItems = 50;
const secretName = /(^|[a-z_-])(authorization|cookie|secret|password|passwd|token|api[_-]?key|private[_-]?key)$/i;
const speechName = /^(speech|phone|transcript|utterance|text|words|said|digits)$/i;
/** With its country, or as it is dialled at home: a run of digits by itself. An id of hex digits is no number. */
const phoneNumber =
  /[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|(?:\+|%2B)\d{7,15}|(?<![\p{L}\d.])\d{7,15}(?![\p{L}\d])/giu;
/** Fields that hold names of LiveKit's, which are made of callers' numbers. */
const callName = /^(callKey|callerKey|room|identity|about)$/i;
/** Numbers within a house: where LiveKit puts the caller's into the name of a room, or into an identity. */
const shortNumber = /(?<=^|_)\d{2,6}(?=_[A-Za-z\d]{12}(?:~|$))|(?<=(?:sip|caller)_)\d{2,6}(?=~|$)/g;

/** Fields as they may be written: bounded, without secrets, with speech and numbers under `pii` only. Never throws. */
export function cleanFields(fields: Readonly<Record<string, unknown>>, rule: PiiRule): Record<string, unknown> {
  const { pii, ...rest } = fields;
  const clean = cleanObject(rest, 0);
  return pii === undefined ? clean : { ...clean, pii: rule === 'keep' ? cleanPii(pii) : masked(pii) };
}

/** A line of text without credentials and without the middle of phone numbers; at most 300 characters. */
export const cleanText = (text: string): string => redact(text).replaceAll(phoneNumber, maskedPhone);

const cleanName = (name: string): string => cleanText(name).replaceAll(shortNumber, '[number]');

/** Long enough to be known again by whoever has it. */
function maskedPhone(phone: string): string {
  if (phone.includes('-')) return phone;
  return `${phone.slice(0, phone.startsWith('%') ? 5 : 3)}…${phone.slice(-2)}`;
}

function masked(pii: unknown): Record<string, string> {
  const { speech, phone } = cleanPii(pii);
  return {
    ...(speech === undefined ? {} : { speech: `[${speech.length} characters]` }),
    ...(phone === undefined ? {} : { phone: maskedPhone(phone) }),
  };
}

function cleanPii(pii: unknown): Pii {
  const { speech, phone } = (pii ?? {}) as Pii;
  return {
    ...(speech === undefined ? {} : { speech: String(speech).slice(0, 4_000) }),
    ...(phone === undefined ? {} : { phone: String(phone).slice(0, 40) }),
  };
}

function cleanObject(value: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(value)
      .slice(0, mostItems)
      .map((name) => [cleanText(name), cleanField(name, read(value, name), depth)]),
  );
}

function cleanField(name: string, value: unknown, depth: number): unknown {
  if (value === undefined || value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (secretName.test(name)) return '[secret]';
  if (speechName.test(name)) return '[belongs under pii]';
  if (typeof value === 'string' && callName.test(name)) return cleanName(value);
  return cleanValue(value, depth + 1);
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'bigint') return cleanText(String(value));
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? '[function]' : value;
  if (depth > deepest) return '[deeper]';
  if (Array.isArray(value)) return value.slice(0, mostItems).map((each) => cleanValue(each, depth + 1));
  if (value instanceof Error) return cleanError(value, depth);
  return hasOwnJson(value) ? cleanValue(jsonOf(value), depth + 1) : cleanObject(value, depth);
}

function cleanError(error: Error, depth: number): Record<string, unknown> {
  const stack = String(error.stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .slice(0, 8);
  return {
    name: error.name,
    message: cleanText(error.message),
    ...cleanObject({ ...error }, depth),
    ...(stack.length > 0 ? { stack: stack.map((line) => cleanText(line.trim())) } : {}),
    ...(error.cause === undefined ? {} : { cause: cleanValue(error.cause, depth + 1) }),
  };
}

/** A secret, a date or an address says itself what its JSON is. */
const hasOwnJson = (value: object): value is { toJSON(): unknown } => typeof read(value, 'toJSON') === 'function';

function jsonOf(value: { toJSON(): unknown }): unknown {
  try {
    return value.toJSON();
  } catch {
    return '[unreadable]';
  }
}

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}
