import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { applySip } from '../../src/actors/apply-sip.ts';
import { Secret } from '../../src/secret.ts';
import { type Held, planOf, type SipThing } from '../../src/sip.ts';
import { fakeSipAdmin } from '../support/fakes/fake-sip-admin.ts';
import { inbound, outbound, rule } from '../support/sip-files.ts';

const keep = { prune: false };
const prune = { prune: true };

async function holding(file: readonly SipThing[]): Promise<Map<string, Held>> {
  const held = new Map<string, Held>();
  await applySip(fakeSipAdmin(held), file, keep);
  return held;
}

/** The rule that a call to this number would meet: of the one trunk that has it. */
function answeredBy(held: Map<string, Held>, number: string): string | undefined {
  const things = [...held.values()];
  const trunks = things.filter((thing) => thing.kind === 'inbound' && thing.numbers.includes(number));
  if (trunks.length !== 1) return undefined;
  const rules = things.filter((thing) => thing.kind === 'rule' && thing.trunks.includes(trunks[0]!.id));
  return rules.find((each) => each.kind === 'rule' && (each.numbers.length === 0 || each.numbers.includes(number)))
    ?.name;
}

/** Who answers the number before the first request and after each. */
async function watch(held: Map<string, Held>, file: readonly SipThing[], number: string, options = keep) {
  const seen: (string | undefined)[] = [];
  const admin = fakeSipAdmin(held, async () => void seen.push(answeredBy(held, number)));
  await applySip(admin, file, options);
  expect(admin.refused()).toBe(0);
  return [...seen, answeredBy(held, number)];
}

const line = [inbound('old', { numbers: ['+49301'] }), rule('dispatch', ['old'])];

describe('a number that is answered before and after', () => {
  it('is answered all the while when its trunk and rule are changed', async () => {
    const held = await holding(line);
    const changed = [
      inbound('old', { numbers: ['+49301', '+49302'], allowedAddresses: ['198.51.100.7'] }),
      rule('dispatch', ['old'], { attributes: { 'voicechart.agent': 'administrator' } }),
    ];
    expect(new Set(await watch(held, changed, '+49301'))).toEqual(new Set(['dispatch']));
  });

  it('is answered all the while when its trunk and rule are replaced by ones of other names', async () => {
    const held = await holding(line);
    const ids = [...held.keys()];
    const renamed = [inbound('new', { numbers: ['+49301'] }), rule('new-dispatch', ['new'])];
    expect(new Set(await watch(held, renamed, '+49301'))).toEqual(new Set(['dispatch', 'new-dispatch']));
    expect([...held.keys()]).toEqual(ids);
  });

  it('is unanswered for one request when it goes to another trunk, there or new', async () => {
    const held = await holding([
      inbound('a', { numbers: ['+49301', '+49302'] }),
      inbound('b', { numbers: ['+49303'] }),
      rule('all', ['a', 'b']),
    ]);
    const moved = [
      inbound('a', { numbers: ['+49302'] }),
      inbound('b', { numbers: ['+49301', '+49303'] }),
      rule('all', ['a', 'b']),
    ];
    expect((await watch(held, moved, '+49301')).filter((each) => each === undefined)).toHaveLength(1);
    const again = [
      inbound('a', { numbers: ['+49302'] }),
      inbound('b', { numbers: ['+49303'] }),
      inbound('c', { numbers: ['+49301'] }),
      rule('all', ['a', 'b', 'c']),
    ];
    expect((await watch(held, again, '+49301')).filter((each) => each === undefined)).toHaveLength(1);
  });

  it('is unanswered for one request when its rule goes with it, and its neighbours not at all', async () => {
    const held = await holding([
      inbound('a', { numbers: ['+49301', '+49302'] }),
      inbound('b', { numbers: ['+49303'] }),
      rule('moves', ['a']),
    ]);
    const moved = [
      inbound('a', { numbers: ['+49302'] }),
      inbound('b', { numbers: ['+49301', '+49303'] }),
      rule('moves', ['b']),
      rule('stays', ['a'], { numbers: ['+49302'] }),
    ];
    const [first, second] = [new Map(held), new Map(held)];
    expect((await watch(first, moved, '+49301')).filter((each) => each === undefined)).toHaveLength(1);
    expect(await watch(second, moved, '+49302')).not.toContain(undefined);
  });

  it('is never with two trunks, also where trunks exchange their numbers', async () => {
    const held = await holding([
      inbound('a', { numbers: ['+49301'] }),
      inbound('b', { numbers: ['+49302'] }),
      rule('all', ['a', 'b']),
    ]);
    const swapped = [
      inbound('a', { numbers: ['+49302'] }),
      inbound('b', { numbers: ['+49301'] }),
      rule('all', ['a', 'b']),
    ];
    const owners: number[] = [];
    const admin = fakeSipAdmin(held, async () => {
      const all = [...held.values()].flatMap((thing) => (thing.kind === 'inbound' ? thing.numbers : []));
      owners.push(all.filter((number) => number === '+49301').length, all.filter((number) => number === '').length);
    });
    await applySip(admin, swapped, keep);
    expect(Math.max(...owners)).toBe(1);
    expect(planOf(swapped, [...held.values()], keep).steps).toEqual([]);
  });

  it('comes to life whole: its rule is there before its trunk takes calls', async () => {
    const seen = await watch(new Map(), [inbound('a', { numbers: ['+49301'] }), rule('r', ['a'])], '+49301');
    expect(seen.filter((each) => each !== undefined)).toEqual(['r', 'r']);
  });
});

describe('what the file does not name', () => {
  const mine = [inbound('mine', { numbers: ['+49301', '+49302'] })];

  it('stays without prune and is told, and goes with it', async () => {
    const held = await holding([...line, outbound('carrier')]);
    const plan = planOf([], [...held.values()], keep);
    expect([plan.steps, plan.extra.map(({ name }) => name)]).toEqual([[], ['old', 'carrier', 'dispatch']]);
    const pruning = planOf([], [...held.values()], prune);
    expect(pruning.changes.map((change) => [change.do, change.name])).toEqual([
      ['delete', 'old'],
      ['delete', 'carrier'],
      ['delete', 'dispatch'],
    ]);
    await applySip(fakeSipAdmin(held), [], prune);
    expect(held.size).toBe(0);
  });

  it('is in the way when it has a number of the file and others besides', async () => {
    const held = await holding([inbound('theirs', { numbers: ['+49 302', '+49303'] })]);
    const [id] = [...held.keys()];
    const { blocked } = planOf(mine, [...held.values()], keep);
    expect(blocked).toEqual([{ kind: 'inbound', name: 'theirs', id, wantedBy: 'mine' }]);
    expect((await applySip(fakeSipAdmin(held), mine, keep)).result).toBe('blocked');
    expect((await applySip(fakeSipAdmin(held), mine, prune)).result).toBe('applied');
    expect([...held.values()].map(({ name }) => name)).toEqual(['mine']);
  });

  it('is in the way of a trunk that is there already, which LiveKit itself would not notice', async () => {
    const held = await holding([inbound('mine', { numbers: ['+49301'] }), inbound('theirs', { numbers: ['+49302'] })]);
    expect(planOf(mine, [...held.values()], keep).blocked.map(({ name }) => name)).toEqual(['theirs']);
  });

  it('of two of one name one is kept, the same whoever looks, and the other goes', async () => {
    const held = await holding(line);
    const [trunk] = [...held.values()];
    held.set('zzz', { ...trunk!, id: 'zzz' });
    expect(planOf(line, [...held.values()], keep).changes).toMatchObject([{ do: 'delete', name: 'old', id: 'zzz' }]);
    await applySip(fakeSipAdmin(held), line, keep);
    expect(held.has('zzz')).toBe(false);
  });
});

const login = (password: string) => ({ auth: { username: 'u', password: new Secret(password) } });

describe('what is told of a change', () => {
  it('names each field, and secrets only as such', async () => {
    const held = await holding([inbound('a', { numbers: ['+49301'], ...login('first-canary') })]);
    const next = [inbound('a', { numbers: ['+49301', '+49300'], ringSeconds: 20, ...login('second-canary') })];
    const plan = planOf(next, [...held.values()], keep);
    expect(plan.changes[0]?.fields).toEqual([
      { field: 'numbers', from: '+49301', to: '+49300, +49301' },
      { field: 'auth', from: 'password [secret], username u', to: 'another password [secret], username u' },
      { field: 'ringSeconds', from: 'none', to: '20' },
    ]);
    expect(JSON.stringify(plan) + inspect(plan, { depth: 9 })).not.toContain('canary');
  });
});
