import { z } from 'zod';
import { jsonSchemaOf, parseJson } from './json.ts';
import { errorText, issueText } from './tool-text.ts';

const endCall = z.strictObject({
  say: z.string().max(500).optional().describe('The last words to the caller. Left out: the usual goodbye.'),
});

/** Keys to press. */
export const keysInput = z.strictObject({
  digits: z
    .string()
    .regex(/^[0-9*#A-Da-d]{1,32}$/, '1 to 32 keys of 0-9, *, #, A-D')
    .describe('Keys to press, such as "2" or "1234#".'),
});

const collectDigits = z.strictObject({
  max: z.int().min(1).max(32).default(20).describe('How many keys at most.'),
  terminator: z.enum(['#', '*', '']).default('#').describe('The key that ends the input; empty for none.'),
});

const builtIns = {
  end_call: { about: 'Hang up, when the conversation is over or the caller says goodbye.', schema: endCall },
  send_digits: {
    about: 'Press keys of the telephone (DTMF), for example in the menu of another system.',
    schema: keysInput,
  },
  collect_digits: {
    about: 'Let the caller type a number on the telephone keys. Ask for it first, in the same answer.',
    schema: collectDigits,
  },
} as const;

/** Only names that are configured: a number is never the model's. */
const transferCall = (people: readonly string[]) =>
  z.strictObject({ to: z.enum(people, `one of ${people.join(', ')}`).describe('Whom to put the caller through to.') });

type Name = keyof typeof builtIns;

/** What the model wants of the call itself: machines carry it out, keys are pressed as a tool is run. */
export type BuiltInCommand =
  | { readonly [Each in Name]: { readonly name: Each } & z.output<(typeof builtIns)[Each]['schema']> }[Name]
  | { readonly name: 'transfer_call'; readonly to: string };

/** What the model is told of those that every agent has. */
export const builtInTools = Object.entries(builtIns).map(([name, { about, schema }]) => ({
  name,
  about,
  input: jsonSchemaOf(schema),
}));

/** What the model is told of putting callers through; nothing where there is nobody. */
export function transferTools(people: Readonly<Record<string, { readonly when: string }>>) {
  const names = Object.keys(people);
  if (names.length === 0) return [];
  const whens = names.map((name) => `${name}: ${people[name]?.when}`).join('; ');
  const about = `Put the caller through to somebody; say so in the same answer. ${whens}.`;
  return [{ name: 'transfer_call', about, input: jsonSchemaOf(transferCall(names)) }];
}

export const isBuiltIn = (name: string): name is BuiltInCommand['name'] =>
  Object.hasOwn(builtIns, name) || name === 'transfer_call';

const schemaOf = (name: BuiltInCommand['name'], people: readonly string[]): z.ZodType<object> =>
  name === 'transfer_call' ? transferCall(people) : builtIns[name].schema;

/** Reads a built-in tool's call; `error` is the text for the model, as of any tool that failed. `people`: names to transfer to. */
export function parseBuiltIn(
  call: { readonly name: string; readonly input: string },
  people: readonly string[] = [],
): { readonly ok: true; readonly value: BuiltInCommand } | { readonly ok: false; readonly error: string } {
  const { name } = call;
  if (!isBuiltIn(name) || (name === 'transfer_call' && people.length === 0))
    return { ok: false, error: errorText('unknown_tool', `there is no tool ${name}`) };
  const json = parseJson(call.input);
  if (!json) return { ok: false, error: errorText('invalid_input', 'input: this is not valid JSON') };
  const read = schemaOf(name, people).safeParse(json.value);
  if (!read.success) return { ok: false, error: errorText('invalid_input', issueText(read.error.issues)) };
  return { ok: true, value: { name, ...read.data } as BuiltInCommand };
}
