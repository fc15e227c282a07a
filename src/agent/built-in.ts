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

type Name = keyof typeof builtIns;

/** What the model wants of the call itself: machines carry it out, keys are pressed as a tool is run. */
export type BuiltInCommand = {
  readonly [Each in Name]: { readonly name: Each } & z.output<(typeof builtIns)[Each]['schema']>;
}[Name];

/** What the model is told of them; every agent has these. */
export const builtInTools = Object.entries(builtIns).map(([name, { about, schema }]) => ({
  name,
  about,
  input: jsonSchemaOf(schema),
}));

export const isBuiltIn = (name: string): name is Name => Object.hasOwn(builtIns, name);

/** Reads a built-in tool's call; `error` is the text for the model, as of any tool that failed. */
export function parseBuiltIn(call: {
  readonly name: string;
  readonly input: string;
}): { readonly ok: true; readonly value: BuiltInCommand } | { readonly ok: false; readonly error: string } {
  if (!isBuiltIn(call.name)) return { ok: false, error: errorText('unknown_tool', `there is no tool ${call.name}`) };
  const json = parseJson(call.input);
  if (!json) return { ok: false, error: errorText('invalid_input', 'input: this is not valid JSON') };
  const read = builtIns[call.name].schema.safeParse(json.value);
  if (!read.success) return { ok: false, error: errorText('invalid_input', issueText(read.error.issues)) };
  return { ok: true, value: { name: call.name, ...read.data } as BuiltInCommand };
}
