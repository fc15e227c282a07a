import { isIPv4, isIPv6 } from 'node:net';

/** What an address is, that is none of a server out in the Internet. */
export type InsideKind =
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'shared (CGNAT)'
  | 'multicast'
  | 'reserved'
  | 'IPv4 within IPv6'
  | 'unreadable';

type Range = readonly [prefix: string, bits: number, kind: InsideKind];

/** IANA's special-purpose registry, and what clouds tell their machines at; the first that matches names it. */
const ranges: readonly Range[] = [
  ['169.254.169.254', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['0.0.0.0', 8, 'reserved'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'shared (CGNAT)'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['172.16.0.0', 12, 'private'],
  ['192.0.0.0', 24, 'reserved'],
  ['192.0.2.0', 24, 'reserved'],
  ['192.88.99.0', 24, 'reserved'],
  ['192.168.0.0', 16, 'private'],
  ['198.18.0.0', 15, 'reserved'],
  ['198.51.100.0', 24, 'reserved'],
  ['203.0.113.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
  ['::1', 128, 'loopback'],
  ['::', 96, 'IPv4 within IPv6'],
  ['::ffff:0:0', 96, 'IPv4 within IPv6'],
  ['::ffff:0:0:0', 96, 'IPv4 within IPv6'],
  ['64:ff9b::', 96, 'IPv4 within IPv6'],
  ['64:ff9b:1::', 48, 'IPv4 within IPv6'],
  ['2002::', 16, 'IPv4 within IPv6'],
  ['2001::', 32, 'IPv4 within IPv6'],
  ['2001::', 23, 'reserved'],
  ['2001:db8::', 32, 'reserved'],
  ['3fff::', 20, 'reserved'],
  ['fd00:ec2::254', 128, 'metadata'],
  ['fd20:ce::254', 128, 'metadata'],
  ['fc00::', 7, 'private'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'private'],
  ['ff00::', 8, 'multicast'],
];

/** The only part of IPv6 that is given out. */
const globalUnicast: Range = ['2000::', 3, 'reserved'];

/**
 * What an address is when no server out in the Internet has it; undefined for one that has. `address` as the system writes it:
 * four decimal numbers, or IPv6 without brackets and zone.
 */
export function insideKind(address: string): InsideKind | undefined {
  const bytes = bytesOfAddress(address);
  if (bytes === undefined) return 'unreadable';
  const found = ranges.find((range) => isIn(bytes, range));
  if (found) return found[2];
  return bytes.length === 4 || isIn(bytes, globalUnicast) ? undefined : 'reserved';
}

function isIn(bytes: readonly number[], [prefix, bits]: Range): boolean {
  const base = bytesOfAddress(prefix)!;
  if (base.length !== bytes.length) return false;
  return base.every((byte, at) => {
    const covered = Math.min(8, Math.max(0, bits - at * 8));
    return byte >> (8 - covered) === (bytes[at] ?? 0) >> (8 - covered);
  });
}

/** 4 or 16 numbers from 0 to 255; undefined for what is no address. */
function bytesOfAddress(address: string): readonly number[] | undefined {
  if (isIPv4(address)) return address.split('.').map(Number);
  if (!isIPv6(address) || address.includes('%')) return undefined;
  const [head = '', tail] = withHexTail(address).split('::');
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  const gap = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...gap, ...back].flatMap((group) => [group >> 8, group & 255]);
}

const groupsOf = (text: string): readonly number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

/** `::ffff:1.2.3.4` as `::ffff:102:304`. */
const withHexTail = (address: string): string =>
  address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  );
