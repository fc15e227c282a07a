import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { bytesOf } from './names.ts';

/** LiveKit's own limit, in bytes of UTF-8. */
const mostMetadataBytes = 512 * 1024;

/** Narrows what an object of metadata may hold. */
export type MetadataSchema = z.ZodType<Record<string, unknown>, Record<string, unknown>>;

export const anyObject = z.record(z.string(), z.unknown(), 'must be an object');

/** An object that JSON can carry, and LiveKit as its text. */
export const metadataObject = (schema: MetadataSchema = anyObject) =>
  anyObject.pipe(schema).superRefine((value, context) => {
    const text = jsonOf(value);
    const problem = text === undefined ? 'must be plain JSON' : tooLong(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

const tooLong = (text: string): string | undefined =>
  bytesOf(text) > mostMetadataBytes ? `must have at most ${mostMetadataBytes} bytes as JSON` : undefined;

/** Undefined where the text would say something else than the value: dates, NaN, functions, what goes round in a circle. */
function jsonOf(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value);
    return isDeepStrictEqual(JSON.parse(text), value) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Says which fields are not known, and that it must be an object when it is none. */
export const strict = {
  error: (issue: { readonly code?: string; readonly keys?: readonly string[] }): string =>
    issue.code === 'unrecognized_keys' ? `there is no field ${issue.keys?.join(', ')}` : 'must be an object',
};
