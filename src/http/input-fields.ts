import { z } from 'zod';

/** A whole number as an address has it. */
export const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

/** As a document shows it: what is written in an address is text, what is meant is a number. */
export const asNumber = (least: number, more: object = {}) => ({
  type: 'integer' as const,
  minimum: least,
  maximum: 999_999_999_999_999,
  ...more,
});

/** Control characters and halves of surrogate pairs. The document says it without Unicode's properties, which not every reader knows. */
const visible = /^[^\p{Cc}\p{Cs}]*$/u;
const visiblePattern = '[^\\u0000-\\u001f\\u007f-\\u009f]';
const inkPattern = '[^\\s\\u0000-\\u001f\\u007f-\\u009f]';

/** One line of text, of 1 to so many bytes. */
export const oneLine = (mostBytes: number) =>
  z
    .string(`must be text of 1 to ${mostBytes} bytes`)
    .refine(
      (text) => text.length > 0 && new TextEncoder().encode(text).length <= mostBytes,
      `must have 1 to ${mostBytes} bytes`,
    )
    .regex(visible, 'must be one line of text')
    .meta({ minLength: 1, maxLength: mostBytes, pattern: `^${visiblePattern}*$` });

/** One line of what somebody says, without blanks around it, of 1 to so many characters. */
export const oneSentence = (most: number) =>
  z
    .string()
    .trim()
    .min(1, 'must say something')
    .max(most, `must have at most ${most} characters`)
    .regex(visible, 'must be one line of text')
    .meta({ pattern: `^${inkPattern}(?:${visiblePattern}*${inkPattern})?$` });
