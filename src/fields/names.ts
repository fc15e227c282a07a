import { z } from 'zod';

/** LiveKit's own limit, in bytes of UTF-8. */
const mostNameBytes = 256;

const encoder = new TextEncoder();

export const bytesOf = (text: string): number => encoder.encode(text).length;

/** Characters nobody sees, or that turn text around: two names that look the same would be two. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const turning = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const short = z
  .string('must be text')
  .min(1, 'must not be empty')
  .refine((text) => bytesOf(text) <= mostNameBytes, `must have at most ${mostNameBytes} bytes`);

/** Names of rooms, identities, ids. */
export const identifier = short
  .refine((text) => text === text.trim(), 'must not begin or end with a space')
  .refine((text) => !unseen.test(text), 'must not have control or invisible characters')
  .refine((text) => text === text.normalize('NFC'), 'must be in Unicode form NFC');

/** What people read. */
export const shownName = short.refine(
  (text) => !turning.test(text),
  'must not have characters that control or turn text',
);

/** Where a gateway can put a caller through to. */
export const telephoneUri = /^(tel:\+[1-9]\d{4,14}|sips?:[^\s@]+@[^\s@]+)$/;
