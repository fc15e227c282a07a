import { BlockList, isIPv6 } from 'node:net';
import { describe, expect, test } from 'vitest';
import { insideKind } from '../../src/ingress.ts';
import * as fc from '../support/properties.ts';

describe('R5.3 an address that no server out in the Internet has', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['fc00::1', 'private'],
    ['fdff:ffff::1', 'private'],
    ['169.254.0.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['febf::1', 'link-local'],
    ['169.254.169.254', 'metadata'],
    ['168.63.129.16', 'metadata'],
    ['100.100.100.200', 'metadata'],
    ['192.0.0.192', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['100.64.0.1', 'shared (CGNAT)'],
    ['100.127.255.255', 'shared (CGNAT)'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['0.0.0.0', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['192.0.2.1', 'reserved'],
    ['2001:db8::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['::', 'IPv4 within IPv6'],
    ['::127.0.0.1', 'IPv4 within IPv6'],
    ['::ffff:127.0.0.1', 'IPv4 within IPv6'],
    ['::ffff:7f00:1', 'IPv4 within IPv6'],
    ['::ffff:8.8.8.8', 'IPv4 within IPv6'],
    ['64:ff9b::a9fe:a9fe', 'IPv4 within IPv6'],
    ['64:ff9b:1::1', 'IPv4 within IPv6'],
    ['2002:7f00:1::', 'IPv4 within IPv6'],
    ['2001::1', 'IPv4 within IPv6'],
    ['fe80::1%eth0', 'unreadable'],
    ['[::1]', 'unreadable'],
    ['0177.0.0.1', 'unreadable'],
    ['2130706433', 'unreadable'],
    ['example.com', 'unreadable'],
    ['', 'unreadable'],
  ])('%s is %s', (address, kind) => {
    expect(insideKind(address)).toBe(kind);
  });

  test.each(['8.8.8.8', '93.184.215.14', '172.15.255.255', '172.32.0.1', '100.63.255.255', '100.128.0.1', '192.0.1.1'])(
    '%s is none of them',
    (address) => {
      expect(insideKind(address)).toBeUndefined();
    },
  );

  test.each(['2606:4700::1111', '2a00:1450:4001:82b::200e', '2003::1', '2001:4860:4860::8888'])(
    '%s is none of them',
    (address) => {
      expect(insideKind(address)).toBeUndefined();
    },
  );
});

/** IANA's IPv4 registry as Node's own list has it, to hold ours against. */
const inside = new BlockList();
for (const [prefix, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['168.63.129.16', 32],
] as const)
  inside.addSubnet(prefix, bits);

const octet = fc.integer({ min: 0, max: 255 });
const interesting = fc.constantFrom(0, 10, 100, 127, 168, 169, 172, 192, 198, 203, 224);
const ipv4 = fc.tuple(fc.oneof(interesting, octet), octet, octet, octet).map((parts) => parts.join('.'));

describe('R5.3 of any address', () => {
  test('IPv4 is judged as Node judges it', () => {
    fc.assert(
      fc.property(ipv4, (address) => {
        expect(insideKind(address) !== undefined).toBe(inside.check(address));
      }),
      { numRuns: 3000 },
    );
  });

  test('IPv6 is judged alike however it is written', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(bytes, (raw) => {
        const groups = Array.from({ length: 8 }, (_, at) => raw[at * 2]! * 256 + raw[at * 2 + 1]!);
        const long = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
        const short = new URL(`http://[${long}]/`).hostname.slice(1, -1);
        const dotted = `${long.slice(0, 30)}${raw.subarray(12).join('.')}`;
        const kinds = [long, long.toUpperCase(), short, dotted].map(insideKind);
        expect([isIPv6(dotted), new Set(kinds).size]).toEqual([true, 1]);
        if ((raw[0]! & 0xe0) !== 0x20) expect(kinds[0]).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('an IPv4 within an IPv6 is refused whichever it is', () => {
    fc.assert(
      fc.property(ipv4, fc.constantFrom('::', '::ffff:', '64:ff9b::', '::ffff:0:'), (address, prefix) => {
        expect(insideKind(`${prefix}${address}`)).toMatch(/IPv4 within IPv6|loopback/);
      }),
    );
  });

  test('text of any kind is judged without breaking', () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(insideKind(text)).toBe('unreadable')));
  });
});
