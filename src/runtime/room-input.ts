import { z } from 'zod';
import { anyObject, bytesOf, identifier, metadataObject, type MetadataSchema, shownName, strict } from '../fields.ts';
import { notPassedOn } from './control-error.ts';

/** LiveKit's own limit, in bytes of UTF-8. */
const mostAttributesBytes = 64_000;
/** A larger message does not fit into the data channel of every client. */
const mostDataBytes = 15_000;
const mostListed = 1000;

const wholeSeconds = z
  .int('must be a whole number of milliseconds')
  .min(1000, 'must be at least 1000: LiveKit takes 0 for not set')
  .max(86_400_000, 'must be at most a day')
  .multipleOf(1000, 'must be whole seconds');

const attributes = z
  .record(shownName, z.string('must be text'), 'must be an object of text')
  .refine(
    (given) => bytesOf(JSON.stringify(given)) <= mostAttributesBytes,
    `must have at most ${mostAttributesBytes} bytes`,
  );

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
        .max(10_000, 'must be at most 10000')
        .default(20),
      metadata: metadataObject(metadata).prefault({}),
    },
    strict,
  ),
  change: z
    .strictObject(
      {
        name: shownName.exactOptional(),
        metadata: metadataObject().exactOptional(),
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
