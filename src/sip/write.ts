import { stringify } from 'yaml';
import { Secret } from '../secret.ts';
import { agentAttribute, type DispatchRule, type Held, type SipAuth, type SipThing } from './model.ts';
import { isAnyAddress } from './schema.ts';
import { asText } from './variables.ts';

/** A file that says what the server has. */
export interface WrittenSip {
  readonly yaml: string;
  /** Variables that stand for passwords and PINs; whoever applies the file has to set them. */
  readonly variables: readonly string[];
  /** What a file cannot say, one line each: it is left out. */
  readonly omitted: readonly string[];
}

/** Passwords and PINs become variables. Things without a name, or with one that another has, go by their id. */
export function writeSip(held: readonly Held[]): WrittenSip {
  const names = namesOf(held);
  const variables: string[] = [];
  const secretOf = (name: string, what: string) => {
    const variable = `SIP_${`${name}_${what}`.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}`;
    variables.push(variable);
    return `\${${variable}}`;
  };
  const writes = { name: (id: string) => names.get(id) ?? id, secretOf };
  const sayable = held.filter((thing) => !isOpen(thing));
  const section = (kind: SipThing['kind']) =>
    Object.fromEntries(
      sayable.filter((thing) => thing.kind === kind).map((thing) => [writes.name(thing.id), entryOf(thing, writes)]),
    );
  const file = { inbound: section('inbound'), outbound: section('outbound'), rules: section('rule') };
  return {
    yaml: stringify(file, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 }),
    variables,
    omitted: held
      .filter(isOpen)
      .map(({ id, name }) => `rule ${name || id} has no trunk: it answers calls from anybody`),
  };
}

interface Writes {
  name(id: string): string;
  secretOf(name: string, what: string): string;
}

const isOpen = (thing: Held): boolean => thing.kind === 'rule' && thing.trunks.length === 0;

const keyOf = ({ kind, name }: Held): string => `${kind} ${name}`;

function namesOf(held: readonly Held[]): ReadonlyMap<string, string> {
  const counts = Map.groupBy(held, keyOf);
  return new Map(
    held.map((thing) => [thing.id, thing.name && counts.get(keyOf(thing))?.length === 1 ? thing.name : thing.id]),
  );
}

function entryOf(thing: Held, { name, secretOf }: Writes): object {
  const own = name(thing.id);
  const { kind: _kind, id: _id, name: _name, ...given } = thing;
  const fields = asTexts(given) as typeof given;
  if (thing.kind === 'rule') return compact({ ...fields, ...ruleFields(thing, own, { name, secretOf }) });
  return compact({
    ...fields,
    ...(thing.auth ? { auth: authOf(thing.auth, own, secretOf) } : {}),
    ...(thing.kind === 'inbound' && isWide(thing) ? { allowAnyAddress: 'true' } : {}),
  });
}

const isWide = (trunk: { readonly allowedAddresses: readonly string[]; readonly auth?: SipAuth }): boolean =>
  trunk.allowedAddresses.some(isAnyAddress) || (trunk.allowedAddresses.length === 0 && trunk.auth === undefined);

const authOf = ({ username }: SipAuth, own: string, secretOf: Writes['secretOf']) => ({
  username: asText(username),
  password: secretOf(own, 'password'),
});

function ruleFields(rule: DispatchRule, own: string, { name, secretOf }: Writes): object {
  const { [agentAttribute]: agent, ...attributes } = asTexts(rule.attributes) as DispatchRule['attributes'];
  const { randomize, ...room } = { randomize: false, ...(asTexts(rule.room) as DispatchRule['room']) };
  return {
    trunks: rule.trunks.map((id) => asText(name(id))),
    ...(agent === undefined ? {} : { agent }),
    attributes,
    room: compact({ ...room, randomize: randomize ? 'true' : '' }),
    ...(rule.pin ? { pin: secretOf(own, 'pin') } : {}),
    hideNumber: rule.hideNumber ? 'true' : '',
  };
}

/** Every text in it as it stands in a file. */
function asTexts(value: unknown): unknown {
  if (typeof value === 'string') return asText(value);
  if (Array.isArray(value)) return value.map(asTexts);
  if (value === null || typeof value !== 'object' || value instanceof Secret) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asTexts(each)]));
}

/** Without what is empty. Everything is text, as it is read. */
const compact = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      const isEmpty =
        value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
      return isEmpty ? [] : [[key, typeof value === 'number' ? String(value) : value]];
    }),
  );
