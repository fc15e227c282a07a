import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { notPassedOn } from './control-error.ts';

/** LiveKit's own limits, in bytes of UTF-8. */
const mostNameBytes = 256;
const mostMetadataBytes = 512 * 1024;
const mostAttributesBytes = 64_000;
/** A larger message does not fit into the data channel of every client. */
const mostDataBytes = 15_000;
const mostListed = 1000;

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

/** Characters nobody sees, or that turn text around: two names that look the same would be two. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
const turning = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const short = z
  .string('must be text')
  .min(1, 'must not be empty')
  .refine((text) => bytesOf(text) <= mostNameBytes, `must have at most ${mostNameBytes} bytes`);

/** Names of rooms, identities, ids. */
const identifier = short
  .refine((text) => text === text.trim(), 'must not begin or end with a space')
  .refine((text) => !unseen.test(text), 'must not have control or invisible characters')
  .refine((text) => text === text.normalize('NFC'), 'must be in Unicode form NFC');

const shownName = short.refine((text) => !turning.test(text), 'must not have characters that control or turn text');

const wholeSeconds = z
  .int('must be a whole number of milliseconds')
  .min(1000, 'must be at least 1000: LiveKit takes 0 for not set')
  .max(86_400_000, 'must be at most a day')
  .multipleOf(1000, 'must be whole seconds');

/** Narrows what an object of metadata may hold. */
export type MetadataSchema = z.ZodType<unknown, Record<string, unknown>>;

const anyObject = z.record(z.string(), z.unknown(), 'must be an object');

/** An object that JSON can carry, as its text. */
const metadataText = (schema: MetadataSchema) =>
  anyObject.pipe(schema).transform((value, context) => {
    const text = jsonOf(value);
    const problem = text === undefined ? 'must be plain JSON' : tooLong(text);
    if (problem === undefined) return text!;
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
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

const attributes = z
  .record(shownName, z.string('must be text'), 'must be an object of text')
  .refine(
    (given) => bytesOf(JSON.stringify(given)) <= mostAttributesBytes,
    `must have at most ${mostAttributesBytes} bytes`,
  );

/** Says which fields are not known, and that it must be an object when it is none. */
const strict = {
  error: (issue: { readonly code?: string; readonly keys?: readonly string[] }): string =>
    issue.code === 'unrecognized_keys' ? `there is no field ${issue.keys?.join(', ')}` : 'must be an object',
};

const right = z.boolean('must be true or false').exactOptional();
const sources = ['camera', 'microphone', 'screen_share', 'screen_share_audio'] as const;

const permissions = z.strictObject(
  {
    canPublish: right,
    canSubscribe: right,
    canPublishData: right,
    canPublishSources: z
      .array(z.enum(sources, `must be of: ${sources.join(', ')}`))
      .max(sources.length)
      .exactOptional(),
    canUpdateMetadata: right,
    hidden: right,
  },
  strict,
);

/** What rooms and participants are asked for with. `metadata` narrows what a room's may hold. */
export const roomSchemas = (metadata: MetadataSchema = anyObject) => ({
  create: z.strictObject(
    {
      name: identifier,
      emptyTimeoutMs: wholeSeconds.default(300_000),
      departureTimeoutMs: wholeSeconds.default(20_000),
      maxParticipants: z
        .int('must be a whole number')
        .min(1, 'must be at least 1')
        .max(10_000, 'must be at most 10000'),
      metadata: metadataText(metadata).prefault({}),
    },
    strict,
  ),
  change: z
    .strictObject(
      {
        name: shownName.exactOptional(),
        metadata: metadataText(anyObject).exactOptional(),
        attributes: attributes.exactOptional(),
        permissions: permissions.exactOptional(),
      },
      strict,
    )
    .refine((change) => Object.keys(change).length > 0, 'must change something'),
  message: z.strictObject(
    {
      bytes: z
        .instanceof(Uint8Array, { error: 'must be bytes' })
        .refine(({ length }) => length > 0 && length <= mostDataBytes, `must be 1 to ${mostDataBytes} bytes`),
      topic: shownName.exactOptional(),
      to: z.array(identifier).min(1, 'must name somebody').max(mostListed).exactOptional(),
    },
    strict,
  ),
  one: identifier,
  some: z.array(identifier, 'must be a list').min(1, 'must not be empty').max(mostListed, `at most ${mostListed}`),
  flag: z.boolean('must be true or false'),
});

export type RoomSchemas = ReturnType<typeof roomSchemas>;

/** What came, read by a schema. Throws a `ControlError` that names the first field at fault and what is allowed there. */
export function read<Schema extends z.ZodType>(schema: Schema, given: unknown, what: string): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = [what, ...(issue?.path ?? [])].map(String).join('.');
  throw notPassedOn('invalid', `${field.slice(0, 100)}: ${issue?.message ?? 'cannot be read'}`, field);
}
