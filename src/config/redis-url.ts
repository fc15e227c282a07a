import { Secret } from '../secret.ts';
import { type Address, parseAddress } from './address.ts';

/** Where a Redis is: a server of its own, or whichever server the sentinels say is the primary of a name. */
export type RedisPlace = {
  readonly username?: string;
  readonly password?: Secret;
  readonly database: number;
  /** Of servers and sentinels alike. */
  readonly tls: boolean;
} & (
  | { readonly kind: 'server'; readonly address: Address }
  | { readonly kind: 'sentinels'; readonly sentinels: readonly Address[]; readonly name: string }
);

/** What `readRedisUrl` takes, for a person. */
export const redisUrlForm =
  'redis://[user:password@]host:port[/database], redis+sentinel://[user:password@]host:port,host:port/name[/database], or with TLS rediss://… or rediss+sentinel://…, with %40 for an @ and no ?';

const form = /^redis(s?)(\+sentinel)?:\/\/(?:([^/?#\s@]*)@)?([^/?#\s@]+)(?:\/([^?#\s]*))?$/;

/** Reads where a Redis is; `undefined` when it says no such thing. Ports left out are 6379, and 26379 of sentinels. */
export function readRedisUrl(url: string): RedisPlace | undefined {
  const [, tls, sentinel, user, hosts, path = ''] = form.exec(url) ?? [];
  const access = accessOf(user ?? '');
  if (hosts === undefined || !access) return undefined;
  const place = sentinel ? sentinels(hosts, path, access) : server(hosts, path, access);
  return place && { ...place, tls: tls === 's' };
}

type Access = Pick<RedisPlace, 'username' | 'password'>;
/** Of each kind by itself. */
type Plain<Place = RedisPlace> = Place extends unknown ? Omit<Place, 'tls'> : never;

function server(host: string, path: string, access: Access): Plain | undefined {
  const [address, database] = [addressOf(host, 6379), databaseOf(path)];
  if (!address || database === undefined) return undefined;
  return { kind: 'server', address, database, ...access };
}

function sentinels(hosts: string, path: string, access: Access): Plain | undefined {
  const [name = '', ...rest] = path.split('/');
  const database = databaseOf(rest.join('/'));
  const listed = hosts.split(',').map((host) => addressOf(host, 26_379));
  const known = listed.filter((address) => address !== undefined);
  if (!/^[\w.-]+$/.test(name) || database === undefined || known.length < listed.length) return undefined;
  return { kind: 'sentinels', sentinels: known, name, database, ...access };
}

function addressOf(text: string, usualPort: number): Address | undefined {
  const address = parseAddress(text) ?? parseAddress(`${text}:${usualPort}`);
  return address?.port === 0 ? undefined : address;
}

const databaseOf = (path: string): number | undefined => (/^\d{0,5}$/.test(path) ? Number(path) : undefined);

function accessOf(user: string): Access | undefined {
  try {
    const [, username, password] = /^([^:]*)(?::(.*))?$/.exec(user)!.map((part) => part && decodeURIComponent(part));
    return { ...(username && { username }), ...(password && { password: new Secret(password) }) };
  } catch {
    return undefined;
  }
}
