import { isIP } from 'node:net';
import { z } from 'zod';
import { Secret } from '../secret.ts';
import { agentAttribute, type DispatchRule, type InboundTrunk, type OutboundTrunk, transports } from './model.ts';

// Every value of the file arrives as text, so that +4930123 is a number of a telephone and 0123 keeps its zero.
// Each message says what is allowed; the reader adds where it is and what stands there.

const matching = (shape: RegExp, error: string) => z.string({ error }).regex(shape, { error });

const text = (most: number) => {
  const error = `text of at most ${most} characters`;
  return z.string({ error }).max(most, { error });
};

const whole = (most: number) => {
  const error = `a whole number from 1 to ${most}`;
  const shape = matching(/^[1-9]\d{0,5}$/, error).transform(Number);
  return shape.refine((value) => value <= most, { error });
};

const oneOf = <const Word extends string>(words: readonly Word[]) =>
  z.enum(words, { error: `one of ${words.join(', ')}` });

const flag = oneOf(['true', 'false'])
  .default('false')
  .transform((word) => word === 'true');

const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `there is no such field; there are ${Object.keys(shape).join(', ')}`
        : `some of the fields ${Object.keys(shape).join(', ')}`,
  });

const list = <Item extends z.ZodType>(item: Item, what: string) => {
  const error = `a list of at most 1000 ${what}`;
  return z.array(item, { error }).max(1_000, { error });
};

const numberShape = /^[+\w.][\w+.() -]{0,63}$/;
const number = matching(numberShape, 'a telephone number such as +4930123456, or the name of a SIP user');
const numbers = list(number, 'numbers').default([]);

const hostShape = /^(?=.{1,253}$)(?:[a-z\d_-]+\.)*[a-z\d_-]*[a-z][a-z\d_-]*$/i;

/** Bits of the network of an address such as `203.0.113.0/24`; nothing where it is none. */
function networkBits(value: string): { readonly bits: number; readonly of: number } | undefined {
  const [, address = '', digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? [];
  const of = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  const bits = digits === undefined ? of : Number(digits);
  return of > 0 && bits <= of ? { bits, of } : undefined;
}

/** True for networks so wide that nearly anybody is in them. */
export const isAnyAddress = (address: string): boolean => {
  const network = networkBits(address);
  return network !== undefined && network.bits < network.of / 4;
};

const peer = z.string().refine((value) => networkBits(value) !== undefined || hostShape.test(value), {
  error: 'an IP address, a network such as 203.0.113.0/24, or the name of a host',
});

const auth = fields({
  username: matching(/^[^\s]{1,256}$/, 'a name without spaces'),
  password: matching(/^.{1,256}$/, 'text of 1 to 256 characters').transform((value) => new Secret(value)),
});

const map = z
  .record(matching(/^[\w.-]{1,128}$/, 'a name of letters, digits, dots and dashes'), text(1_000), {
    error: 'names, each with a text',
  })
  .default({});

const inbound = fields({
  numbers,
  allowedAddresses: list(peer, 'addresses').default([]),
  allowAnyAddress: flag,
  allowedNumbers: numbers,
  auth: auth.optional(),
  ringSeconds: whole(3_600).optional(),
  maxCallSeconds: whole(86_400).optional(),
  headersToAttributes: map,
  metadata: text(10_000).default(''),
});

const outbound = fields({
  address: matching(/^(?!sips?:)[\w.-]+(?::\d{1,5})?$/i, 'host or host:port, without sip: or a transport'),
  numbers: list(number, 'numbers').min(1, { error: 'at least one number to call from' }),
  transport: oneOf(transports).default('auto'),
  auth: auth.optional(),
  country: matching(/^[A-Z]{2}$/, 'two capital letters such as DE')
    .or(z.literal(''))
    .default(''),
  metadata: text(10_000).default(''),
});

const roomName = matching(/^\S{1,200}$/, 'text of 1 to 200 characters without spaces');

const room = fields({
  type: oneOf(['individual', 'callee', 'direct']).default('individual'),
  prefix: roomName.optional(),
  name: roomName.optional(),
  randomize: flag,
}).transform((given, issues): DispatchRule['room'] => {
  const { type, prefix, name, randomize } = given;
  if (type === 'direct' && name !== undefined && prefix === undefined && !randomize) return { type, name };
  if (type === 'callee' && prefix !== undefined && name === undefined) return { type, prefix, randomize };
  if (type === 'individual' && prefix !== undefined && name === undefined && !randomize) return { type, prefix };
  const takes = { individual: 'a prefix alone', callee: 'a prefix, and randomize if wanted', direct: 'a name alone' };
  issues.addIssue({ code: 'custom', message: `of type ${type}: ${takes[type]}` });
  return z.NEVER;
});

const trunkRule = 'at least one inbound trunk of this file: a rule without trunk answers calls from anybody';

const rule = fields({
  trunks: z.array(z.string(), { error: trunkRule }).min(1, { error: trunkRule }).max(1_000),
  numbers,
  agent: matching(/^[a-z][a-z0-9-]{0,39}$/, 'the name of an agent, such as receptionist').optional(),
  room,
  pin: matching(/^\d{1,20}$/, 'digits')
    .transform((value) => new Secret(value))
    .optional(),
  hideNumber: flag,
  attributes: map,
  metadata: text(10_000).default(''),
});

const named = <Item extends z.ZodType>(item: Item) =>
  z
    .record(matching(/^\P{Cc}{1,100}$/u, 'a name of 1 to 100 characters'), item, {
      error: 'names, each with its fields',
    })
    .refine((items) => Object.keys(items).length <= 1_000, { error: 'at most 1000' })
    .default({});

const sections = { inbound: named(inbound), outbound: named(outbound), rules: named(rule) };

export const fileSchema = fields({ ...sections, backup: fields(sections).optional() });

export type SetInput = Omit<z.output<typeof fileSchema>, 'backup'>;

/** The things of a set, trunks first. */
export const thingsOf = ({ inbound, outbound, rules }: SetInput) => [
  ...Object.entries(inbound).map(([name, { allowAnyAddress: _open, ...trunk }]): InboundTrunk => {
    return { kind: 'inbound', name, ...trunk };
  }),
  ...Object.entries(outbound).map(([name, trunk]): OutboundTrunk => ({ kind: 'outbound', name, ...trunk })),
  ...Object.entries(rules).map(([name, { agent, attributes, ...rest }]): DispatchRule => {
    const all = agent === undefined ? attributes : { ...attributes, [agentAttribute]: agent };
    return { kind: 'rule', name, ...rest, attributes: all };
  }),
];
