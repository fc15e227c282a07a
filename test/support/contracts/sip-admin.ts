import { beforeEach, describe, expect, it } from 'vitest';
import { type SipAdmin, SipAdminError } from '../../../src/actors/apply-sip.ts';
import { Secret } from '../../../src/secret.ts';
import type { Held, SipThing } from '../../../src/sip.ts';
import { changedFields } from '../../../src/sip/compare.ts';
import { inbound, outbound, rule } from '../sip-files.ts';

/** What every `SipAdmin` does. `open` gives one of a server that has nothing. */
export function sipAdminContract(name: string, open: () => Promise<SipAdmin>): void {
  describe(`SipAdmin: ${name}`, () => {
    let admin: SipAdmin;
    beforeEach(async () => void (admin = await open()));

    const make = async (thing: SipThing): Promise<string> => {
      const id = await admin.create(thing.kind, thing.name);
      await admin.update(id, thing);
      return id;
    };
    const held = async (id: string): Promise<Held | undefined> => (await admin.list()).find((each) => each.id === id);
    const auth = { username: 'ada', password: new Secret('a password') };
    const things: readonly SipThing[] = [
      inbound('in', {
        numbers: ['+49301', '+49302'],
        allowedNumbers: ['+331'],
        auth,
        ringSeconds: 20,
        maxCallSeconds: 600,
        headersToAttributes: { 'X-Tenant': 'tenant' },
        metadata: 'm',
      }),
      outbound('out', { address: 'sip.example.org:5061', transport: 'tls', country: 'DE', auth, metadata: 'm' }),
      rule('individual', ['ST_1'], { numbers: ['+49301'], pin: new Secret('0123'), metadata: 'm' }),
      rule('callee', ['ST_2'], { room: { type: 'callee', prefix: 'p', randomize: true }, hideNumber: true }),
      rule('direct', ['ST_3'], { room: { type: 'direct', name: 'lobby' }, attributes: {} }),
    ];

    it.each(things.map((thing) => [`${thing.kind} ${thing.name}`, thing] as const))('makes %s', async (_, thing) => {
      const id = await make(thing);
      expect(changedFields(await held(id), thing)).toEqual([]);
      await admin.remove(thing.kind, id);
      expect(await admin.list()).toEqual([]);
    });

    it('what is created answers nothing yet', async () => {
      await make(rule('whole', ['ST_1']));
      for (const kind of ['inbound', 'outbound', 'rule'] as const) await admin.create(kind, 'fresh');
      const fresh = (await admin.list()).filter((each) => each.name === 'fresh');
      expect(fresh.map((each) => (each.kind === 'rule' ? each.trunks : each.numbers))).toEqual(
        fresh.map(() => [expect.stringMatching(/^idle/)]),
      );
    });

    it('an update takes away what it does not say', async () => {
      const [full] = things;
      const id = await make(full!);
      const bare = inbound('bare', { numbers: ['+49301'], allowedAddresses: ['198.51.100.7'] });
      await admin.update(id, bare);
      expect(changedFields(await held(id), bare)).toEqual([]);
    });

    it('refuses as stale what is not there, and what another has', async () => {
      await stale(admin.update('ST_none', inbound('a', { numbers: ['+49301'] })));
      await stale(admin.update('SDR_none', rule('a', ['ST_1'])));
      await make(inbound('a', { numbers: ['+49301'] }));
      const b = await make(inbound('b', { numbers: ['+49302'] }));
      await stale(admin.update(b, inbound('b', { numbers: ['+49301', '+49302'] })));
      await make(rule('r', ['ST_1']));
      const s = await make(rule('s', ['ST_2']));
      await stale(admin.update(s, rule('s', ['ST_1', 'ST_2'])));
    });

    it('does not notice that a trunk is given another’s number when it keeps none of its own', async () => {
      await make(inbound('a', { numbers: ['+49301'] }));
      const b = await make(inbound('b', { numbers: ['+49302'] }));
      await admin.update(b, inbound('b', { numbers: ['+49301'] }));
      expect(await held(b)).toMatchObject({ numbers: ['+49301'] });
    });

    it('removes what is gone without a word', async () => {
      await admin.remove('inbound', 'ST_none');
      await admin.remove('outbound', 'ST_none');
      await admin.remove('rule', 'SDR_none');
    });
  });
}

async function stale(request: Promise<void>): Promise<void> {
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SipAdminError);
  expect((error as SipAdminError).isStale).toBe(true);
}
