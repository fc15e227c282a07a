import { normalNumber } from './model.ts';
import { isAnyAddress, type SetInput } from './schema.ts';

/** Something wrong at a place of the file. */
export interface PlacedMessage {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** The message is what is allowed there. */
  readonly allows?: boolean;
  /** It is the name at the end of the path that is wrong, not what stands there. */
  readonly isKey?: boolean;
}

/** What no single field can know: who may call, whose a number is, and which trunks a rule serves. */
export const crossChecks = (set: SetInput): readonly PlacedMessage[] => [
  ...Object.entries(set.inbound).flatMap(([name, trunk]) => doorOf(['inbound', name], trunk)),
  ...Object.entries(set.rules).flatMap(([name, rule]) => trunksOf(['rules', name], rule, set)),
  ...sharedNumbers(set),
  ...sharedCalls(set),
];

type Inbound = SetInput['inbound'][string];
type Rule = SetInput['rules'][string];

function doorOf(path: readonly PropertyKey[], trunk: Inbound): readonly PlacedMessage[] {
  if (trunk.allowAnyAddress) return trunk.numbers.length > 0 || trunk.auth ? [] : [{ path, message: openDoor }];
  const closed = trunk.auth !== undefined || trunk.allowedAddresses.length > 0;
  const wide = trunk.allowedAddresses.flatMap((address, index) => (isAnyAddress(address) ? [index] : []));
  return [
    ...(closed
      ? []
      : [{ path, message: 'needs auth or allowedAddresses: otherwise anybody on the internet may call' }]),
    ...wide.map((index) => ({
      path: [...path, 'allowedAddresses', index],
      message:
        'lets nearly anybody on the internet call: give the addresses of the provider, or add allowAnyAddress: true',
    })),
  ];
}

const openDoor = 'needs numbers or auth: with allowAnyAddress alone it takes every call from anywhere';

function trunksOf(path: readonly PropertyKey[], rule: Rule, { inbound }: SetInput): readonly PlacedMessage[] {
  const known = Object.keys(inbound);
  const unknown = rule.trunks.flatMap((name, index) => (known.includes(name) ? [] : [index]));
  const trunks = rule.trunks.flatMap((name) => (Object.hasOwn(inbound, name) ? inbound[name] : undefined) ?? []);
  const taken = new Set(trunks.flatMap((trunk) => trunk.numbers.map(normalNumber)));
  const takesAll = trunks.some((trunk) => trunk.numbers.length === 0);
  const foreign = rule.numbers.flatMap((number, at) => (takesAll || taken.has(normalNumber(number)) ? [] : [at]));
  return [
    ...unknown.map((index) => ({
      path: [...path, 'trunks', index],
      message: `there is no such inbound trunk; there are ${known.join(', ') || 'none'}`,
    })),
    ...(unknown.length > 0 ? [] : foreign).map((index) => ({
      path: [...path, 'numbers', index],
      message: 'no trunk of this rule has this number',
    })),
  ];
}

/** LiveKit refuses a call to a number that two trunks have, and does not check it when a trunk is changed. */
const sharedNumbers = ({ inbound }: SetInput): readonly PlacedMessage[] =>
  repeated(
    Object.entries(inbound).flatMap(([name, { numbers }]) =>
      numbers.length === 0
        ? [{ key: '', owner: name, path: ['inbound', name] }]
        : numbers.map((number, index) => ({
            key: normalNumber(number),
            owner: name,
            path: ['inbound', name, 'numbers', index],
          })),
    ),
    (key, owner) =>
      key === ''
        ? `takes calls to every other number, as inbound trunk ${owner} does: one of them needs numbers`
        : `inbound trunk ${owner} has this number already`,
  );

const sharedCalls = ({ rules }: SetInput): readonly PlacedMessage[] =>
  repeated(
    Object.entries(rules).flatMap(([name, { trunks, numbers, pin }]) =>
      trunks.flatMap((trunk, index) =>
        (numbers.length === 0 ? [''] : numbers).map((number, at) => ({
          key: JSON.stringify([trunk, normalNumber(number), pin?.reveal()]),
          owner: name,
          path: ['rules', name, ...(numbers.length === 0 ? ['trunks', index] : ['numbers', at])],
        })),
      ),
    ),
    (_key, owner) => `rule ${owner} takes these calls already`,
  );

interface Owned extends Pick<PlacedMessage, 'path'> {
  readonly key: string;
  readonly owner: string;
}

function repeated(all: readonly Owned[], tell: (key: string, owner: string) => string): readonly PlacedMessage[] {
  const first = new Map<string, string>();
  return all.flatMap(({ key, owner, path }) => {
    const before = first.get(key);
    first.set(key, before ?? owner);
    return before === undefined ? [] : [{ path, message: tell(key, before) }];
  });
}
