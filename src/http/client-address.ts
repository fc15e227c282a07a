import { isIP, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import { inNetworks } from '../config.ts';

/** From which address a request comes; nothing where that cannot be told. */
export type AddressOf = (context: Context) => string | undefined;

interface NodeEnvironment {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
}

/** `::ffff:1.2.3.4` is 1.2.3.4. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/**
 * The other side of the connection. Where that is a proxy of ours, the last address in `X-Forwarded-For` that is none: what
 * stands before it anybody may have written. IPv6 counts by its network of 64 bits, of which one customer has all addresses.
 */
export function addressesBehind(trusted: readonly string[]): AddressOf {
  const isTrusted = inNetworks(trusted);
  return (context) => {
    const { incoming } = (context.env ?? {}) as NodeEnvironment;
    let address = plain(incoming?.socket?.remoteAddress ?? '');
    const hops = (context.req.header('x-forwarded-for') ?? '').split(',').map((hop) => plain(hop.trim()));
    while (isTrusted(address)) {
      const hop = hops.pop() ?? '';
      if (isIP(hop) === 0) break;
      address = hop;
    }
    return isIP(address) === 0 ? undefined : countedAs(address);
  };
}

function countedAs(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]!.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const gap = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = tail === undefined ? front : [...front, ...gap, ...back];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
