import { z } from 'zod';
import { telephoneUri } from '../fields.ts';
import { jsonSchemaOf } from './json.ts';
import { languageTag, phraseNames } from './phrases.ts';
import { defaultTimeoutMs } from './tool.ts';

// Every message says what is allowed: that is the one thing the author of a definition needs to read.

const text = (limit: number, what = 'text') => {
  const error = `${what} of 1 to ${limit} characters`;
  return z.string({ error }).regex(/\S/, { error }).max(limit, { error });
};

const whole = (least: number, most: number) => {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

/** An object of exactly these fields; the message for any other field names them all. */
const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `only the fields ${Object.keys(shape).join(', ')}`
        : `an object with the fields ${Object.keys(shape).join(', ')}`,
  });

const list = <Item extends z.ZodType>(item: Item, most: number, what: string) => {
  const error = `a list of 1 to ${most} ${what}`;
  return z.array(item, { error }).min(1, { error }).max(most, { error });
};

const named = <Item extends z.ZodType>(item: Item, most: number) =>
  z
    .record(z.string(), item, { error: 'an object of name: definition' })
    .refine((items) => Object.keys(items).length <= most, { error: `at most ${most} entries` });

const model = text(100, 'the name of a model').optional();
const terms = z
  .array(text(100, 'a word or name'), { error: 'a list of words' })
  .max(100, { error: 'at most 100 words' })
  .optional();
const kind = <Kind extends string>(name: Kind) => z.literal(name);

const refs = { flux: fields({ kind: kind('flux'), model, terms }), nova: fields({ kind: kind('nova'), model, terms }) };

const namedModel = text(100, 'the name of a model');
const openaiRef = fields({ kind: kind('openai'), model: namedModel });
const groqRef = fields({ kind: kind('groq'), model: namedModel });
const earKinds = "flux({ … }), nova({ … }), openai('…') or groq('…')";
const ear = z.discriminatedUnion('kind', [refs.flux, refs.nova, openaiRef, groqRef], { error: earKinds });
const chatModel = z.discriminatedUnion('kind', [openaiRef, groqRef], { error: "openai('…') or groq('…')" });

const cartesiaRef = fields({ kind: kind('cartesia'), voiceId: text(100, 'the id of a voice'), model });
const voice = z.discriminatedUnion('kind', [cartesiaRef, openaiRef], { error: "cartesia('…') or openai('…')" });

const isObjectSchema = (value: unknown): value is z.ZodObject =>
  (value as { def?: { type?: string } } | null | undefined)?.def?.type === 'object';

const inputSchema = z
  .custom<z.ZodObject>(isObjectSchema, { error: 'a zod 4 object: z.object({ … })', abort: true })
  .superRefine((schema, check) => {
    try {
      jsonSchemaOf(schema);
    } catch (error) {
      check.addIssue({ code: 'custom', message: `fields that JSON can hold (${String(error).slice(0, 120)})` });
    }
  });

type Run = (input: Record<string, unknown>, context: { readonly signal: AbortSignal; readonly key: string }) => unknown;

const toolDefinition = fields({
  about: text(1_000),
  input: inputSchema,
  timeoutMs: whole(1, 25_000).default(defaultTimeoutMs),
  effect: z.enum(['none', 'idempotent', 'once'], { error: "'none', 'idempotent' or 'once'" }).default('once'),
  meanwhile: text(300).optional(),
  run: z.custom<Run>((value) => typeof value === 'function', { error: 'a function: run(input, { signal, key })' }),
});

const person = fields({
  to: z.string({ error: "'tel:+…' with country code, or 'sip:user@host'" }).regex(telephoneUri, {
    error: "'tel:+…' with country code, or 'sip:user@host'",
  }),
  when: text(500),
});

const recordingWish = fields({
  storage: z
    .string({ error: 'the name of a storage' })
    .regex(/^[a-z][a-z\d-]{0,39}$/, { error: 'the name of a storage' })
    .exactOptional(),
  dual: z.boolean({ error: 'true or false' }).exactOptional(),
});

const phrase = text(300).optional();
const phrases = z.partialRecord(
  z.string(),
  fields(
    Object.fromEntries(phraseNames.map((name) => [name, phrase])) as Record<
      (typeof phraseNames)[number],
      typeof phrase
    >,
  ),
  { error: `an object of language: { ${phraseNames.join(', ')} }` },
);

const languageRule = { error: "a language tag such as 'en' or 'de-AT'" };

/** What `agent()` takes. What no single field can know is in `cross-checks.ts`. */
export const agentSchema = fields({
  name: z
    .string({ error: 'a name in small letters, digits and -, such as receptionist' })
    .regex(/^[a-z][a-z0-9-]{0,39}$/, { error: 'a name in small letters, digits and -, such as receptionist' }),
  language: list(z.string(languageRule).regex(languageTag, languageRule), 10, "language tags such as 'en'"),
  ears: list(ear, 5, "of flux({ … }), nova({ … }), openai('…'), groq('…')"),
  model: list(chatModel, 5, "of openai('…'), groq('…')"),
  voice: list(voice, 5, "of cartesia('…'), openai('…')"),
  recording: z.union([z.boolean(), recordingWish], { error: 'true, false or { storage, dual }' }).default(false),
  disclosure: text(1_000),
  greeting: text(1_000),
  instructions: text(50_000),
  tools: named(toolDefinition, 64).default({}),
  people: named(person, 64).default({}),
  speculate: z.boolean({ error: 'true or false' }).default(true),
  maxCallMs: whole(10_000, 14_400_000).default(1_800_000),
  phrases: phrases.default({}),
});

export type AgentInput = z.output<typeof agentSchema>;
