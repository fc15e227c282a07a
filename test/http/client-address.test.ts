import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import { addressesBehind } from '../../src/http/client-address.ts';
import * as fc from '../support/properties.ts';

async function addressOf(trusted: readonly string[], peer: string | undefined, forwarded?: string) {
  let found: string | undefined;
  const addressIn = addressesBehind(trusted);
  const app = new Hono().get('/', (context) => {
    found = addressIn(context);
    return context.body(null);
  });
  const headers: Record<string, string> = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  await app.request('/', { headers }, { incoming: { socket: { remoteAddress: peer } } });
  return found;
}

describe('the address of who comes', () => {
  it.each<readonly [string, readonly string[], string | undefined, string | undefined, string | undefined]>([
    ['is the other side of the connection', [], '203.0.113.7', undefined, '203.0.113.7'],
    ['is that whatever a stranger writes', [], '203.0.113.7', '10.0.0.1', '203.0.113.7'],
    ['is what our proxy says', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.7', '203.0.113.7'],
    [
      'is what the last of our proxies saw',
      ['10.0.0.0/8'],
      '10.1.2.3',
      '6.6.6.6, 203.0.113.7, 10.9.9.9',
      '203.0.113.7',
    ],
    ['is the proxy where it says nothing', ['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
    ['is the proxy where it says no address', ['10.0.0.0/8'], '10.1.2.3', 'unknown', '10.1.2.3'],
    ['is IPv4 also in IPv6', ['10.1.2.3'], '::ffff:10.1.2.3', '::ffff:203.0.113.7', '203.0.113.7'],
    ['is a network of 64 bits in IPv6', [], '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['is that however it is written', [], '2001:DB8:1:2::6', undefined, '2001:db8:1:2::/64'],
    ['is that at the beginning too', [], '::1', undefined, '0:0:0:0::/64'],
    ['is none where there is no connection', [], undefined, '203.0.113.7', undefined],
  ])('R8.5 %s', async (_name, trusted, peer, forwarded, expected) => {
    expect(await addressOf(trusted, peer, forwarded)).toBe(expected);
  });

  it('R8.5 property: whatever a stranger writes into the header, they are counted under their own address', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[\w .:]*$/)), { maxLength: 5 }),
        async (written) => {
          const forwarded = [...written, '203.0.113.7'].join(', ');
          expect(await addressOf(['10.0.0.0/8'], '10.1.2.3', forwarded)).toBe('203.0.113.7');
          expect(await addressOf([], '203.0.113.7', forwarded)).toBe('203.0.113.7');
        },
      ),
      { numRuns: 50 },
    );
  });
});
