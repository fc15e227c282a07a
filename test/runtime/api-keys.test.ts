import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryRecords } from '../../src/adapters/memory/records.ts';
import { redact } from '../../src/failure.ts';
import { type ApiKeys, createApiKeys } from '../../src/runtime/api-keys.ts';
import type { Records } from '../../src/runtime/records.ts';
import { createTickets, type Tickets } from '../../src/runtime/tickets.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const startMs = 1_800_000_000_000;
let clock: VirtualClock;
let records: Records;
let keys: ApiKeys;
let damaged: string[];
beforeEach(() => {
  clock = createVirtualClock(startMs);
  records = createMemoryRecords(clock);
  damaged = [];
  keys = createApiKeys(records, clock, randomBytes, (id) => damaged.push(id));
});

describe('keys of the operators’ API', () => {
  test('R8.4 a key is believed for what it is, until it is revoked', async () => {
    const { key, text } = await keys.create({ name: 'ada', role: 'operator' });
    expect(text).toMatch(/^vck_[0-9a-f]{16}_[\w-]{43}$/);
    expect(await keys.believe(text)).toEqual({ id: key.id, name: 'ada', role: 'operator', createdAt: startMs });
    await clock.advance(5);
    expect([await keys.revoke(key.id), await keys.believe(text)]).toEqual([true, 'revoked']);
    await clock.advance(5);
    expect([await keys.revoke(key.id), await keys.list()]).toEqual([true, [{ ...key, revokedAt: startMs + 5 }]]);
    expect(await keys.revoke('none')).toBe(false);
  });

  test('R8.1 what is kept does not hold it, and what is logged hides it', async () => {
    const { key, text } = await keys.create({ name: 'ada', role: 'admin' });
    const secret = text.split('_').slice(2).join('_');
    expect((await records.get(key.id))?.text).not.toContain(secret);
    expect(redact(`somebody sent ${text}, alas`)).toBe('somebody sent [secret], alas');
  });

  test('a key that is one character off is unknown, whether it is revoked or not', async () => {
    const { key, text } = await keys.create({ name: 'ada', role: 'admin' });
    const off = text.slice(0, -2) + (text.at(-2) === 'A' ? 'B' : 'A') + text.at(-1);
    expect(await keys.believe(off)).toBe('unknown');
    await keys.revoke(key.id);
    expect(await keys.believe(off)).toBe('unknown');
  });

  test.each(['', '{', 'null', '{"role":"admin"}', '"x"'])(
    'a record that holds %j is no key, and hides no other',
    async (text) => {
      const { key } = await keys.create({ name: 'ada', role: 'admin' });
      const broken = await keys.create({ name: 'bob', role: 'admin' });
      await records.put(broken.key.id, text);
      expect([await keys.believe(broken.text), await keys.list()]).toEqual(['unknown', [key]]);
      expect([await keys.isGood(key.id), await keys.isGood(broken.key.id), damaged]).toEqual([
        true,
        false,
        [broken.key.id],
      ]);
    },
  );

  test('a record that cannot be got at hides no other', async () => {
    const { key } = await keys.create({ name: 'ada', role: 'admin' });
    const theirs = await keys.create({ name: 'bob', role: 'admin' });
    const get = (id: string) => (id === theirs.key.id ? Promise.reject(new Error('EACCES')) : records.get(id));
    keys = createApiKeys({ ...records, get }, clock, randomBytes, (id) => damaged.push(id));
    expect([await keys.list(), damaged]).toEqual([[key], [theirs.key.id]]);
  });

  test.each([
    '',
    'vck_',
    'vck_../../etc/passwd_x',
    `vck_${'0'.repeat(16)}_${'A'.repeat(43)}`,
    'Bearer x',
    'ä'.repeat(99),
  ])('%j is no key', async (text) => expect(await keys.believe(text)).toBe('unknown'));
});

describe('tickets', () => {
  let tickets: Tickets;
  beforeEach(() => {
    tickets = createTickets({
      records,
      clock,
      draw: randomBytes,
      lifeMs: 1_000,
      most: 2,
      mostOfKey: 1,
      isGood: async () => true,
    });
  });
  const issued = async () => (await tickets.issue('key')) as { secret: string; expiresAt: number };

  test('one stands for its key while it lives', async () => {
    const { secret, expiresAt } = await issued();
    expect(expiresAt).toBe(startMs + 1_000);
    await clock.advance(999);
    expect([await tickets.look(secret), await tickets.look('other')]).toEqual(['key', undefined]);
    await clock.advance(1);
    expect([await tickets.look(secret), await tickets.use(secret)]).toEqual([undefined, undefined]);
  });

  test('using it ends it, and of many who use it at once one is told', async () => {
    const { secret } = await issued();
    const told = await Promise.all([secret, secret, secret].map((each) => tickets.use(each)));
    expect(told.filter((each) => each === 'key')).toHaveLength(1);
    expect(await tickets.look(secret)).toBeUndefined();
  });

  test('there are so many at once, and room again when one is over', async () => {
    await tickets.issue('one');
    await clock.advance(500);
    await tickets.issue('other');
    expect(await tickets.issue('key')).toBe('full');
    await clock.advance(501);
    expect(await tickets.issue('key')).not.toBe('full');
  });

  test('of one key there are so many: its oldest gives way, and no other’s', async () => {
    const other = (await tickets.issue('other')) as { secret: string };
    const [first, second] = [await issued(), (await clock.advance(1), await issued())];
    expect(await Promise.all([other, first, second].map(({ secret }) => tickets.look(secret)))).toEqual([
      'other',
      undefined,
      'key',
    ]);
  });

  test('R8.1 its secret is not kept', async () => {
    const { secret } = await issued();
    const names = await records.names();
    expect([names.length, names.includes(secret)]).toEqual([1, false]);
  });
});
