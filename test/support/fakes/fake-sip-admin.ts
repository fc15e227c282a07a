import { type SipAdmin, SipAdminError } from '../../../src/actors/apply-sip.ts';
import type { DispatchRule, Held, InboundTrunk, SipThing } from '../../../src/sip.ts';
import { claimsOf, normalNumber } from '../../../src/sip/model.ts';

export interface FakeSipAdmin extends SipAdmin {
  /** Requests that changed something, or were refused. */
  readonly requests: string[];
  /** How many requests were refused. */
  refused(): number;
}

/** LiveKit's SIP service with the checks it makes and the ones it leaves out. `held` may be shared by several. */
export function fakeSipAdmin(held = new Map<string, Held>(), meanwhile?: () => Promise<void>): FakeSipAdmin {
  const requests: string[] = [];
  let refused = 0;
  const refuse = (httpStatus: number, message: string) => {
    refused += 1;
    const failure = { vendor: 'livekit', phase: 'rest', class: 'api', retryable: false, message, httpStatus } as const;
    return new SipAdminError(failure, true);
  };
  const asked = async (request: string) => {
    await meanwhile?.();
    requests.push(request);
  };
  const check = (id: string, thing: SipThing, sees: 'all' | 'stored') => {
    const others = [...held.values()].filter((each) => each.kind === thing.kind);
    const listed = others.filter((each) => isListed(each, thing));
    const found = listed.map((each) => (each.id === id ? { ...thing, id } : each));
    if (sees === 'all') found.push({ ...thing, id });
    if (hasConflict(found)) throw refuse(400, `conflicting: ${thing.kind} ${thing.name}`);
  };
  return {
    requests,
    refused: () => refused,
    list: async () => {
      await meanwhile?.();
      return [...held.values()];
    },
    create: async (kind, name) => {
      await asked(`create ${kind} ${name}`);
      const id = `${kind}-${(held.size + requests.length).toString(36)}-${crypto.randomUUID().slice(0, 6)}`;
      const thing = idle(kind, name);
      check(id, thing, 'all');
      held.set(id, { ...thing, id });
      return id;
    },
    update: async (id, thing) => {
      await asked(`update ${thing.kind} ${thing.name}`);
      if (!held.has(id)) throw refuse(404, 'not found');
      check(id, thing, 'stored');
      held.set(id, { ...thing, id });
    },
    remove: async (kind, id) => {
      await asked(`delete ${kind} ${id}`);
      held.delete(id);
    },
  };
}

function idle(kind: SipThing['kind'], name: string): SipThing {
  const common = { name, metadata: '' };
  if (kind === 'inbound') return { kind, ...common, ...noDoor, numbers: [`idle-${name}`] };
  if (kind === 'outbound')
    return { kind, ...common, address: 'idle.invalid', numbers: ['idle'], transport: 'auto', country: '' };
  const room = { type: 'individual', prefix: `idle-${name}` } as const;
  return { kind, ...common, trunks: [`idle-${name}`], numbers: [], room, hideNumber: false, attributes: {} };
}

const noDoor = { allowedAddresses: [], allowedNumbers: [], headersToAttributes: {} };

/** LiveKit reads what shares a number or a trunk with the thing, as that is stored; an update is compared with these alone. */
function isListed(each: Held, thing: SipThing): boolean {
  if (each.kind === 'inbound') return sharesOrIsOpen(each.numbers, (thing as InboundTrunk).numbers, normalNumber);
  return each.kind === 'rule' && sharesOrIsOpen(each.trunks, (thing as DispatchRule).trunks, (trunk) => trunk);
}

function sharesOrIsOpen(stored: readonly string[], asked: readonly string[], normal: (text: string) => string) {
  const all = new Set(asked.map(normal));
  return asked.length === 0 || stored.length === 0 || stored.some((each) => all.has(normal(each)));
}

function hasConflict(things: readonly Held[]): boolean {
  const claims = things.flatMap((thing) => [...new Set(claimsOf(thing))]);
  return new Set(claims).size < claims.length;
}
