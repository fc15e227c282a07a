import { Secret } from '../secret.ts';

/** Where files are kept. Credentials are never part of a request: it names a storage. */
export type Storage = { readonly name: string; readonly folder: string } & (
  | {
      readonly kind: 's3';
      readonly bucket: string;
      readonly region: string;
      /** Of a store that is not Amazon's. */
      readonly endpoint: string;
      readonly pathStyle: boolean;
      readonly key: string;
      readonly secret: Secret;
    }
  | { readonly kind: 'azure'; readonly account: string; readonly container: string; readonly secret: Secret }
  /** `secret`: the service account's key, as JSON. */
  | { readonly kind: 'gcs'; readonly bucket: string; readonly secret: Secret }
  /** On the recorder's own disk. */
  | { readonly kind: 'local' }
);

export type Storages = ReadonlyMap<string, Storage>;

type Environment = Readonly<Record<string, string>>;

const prefix = 'STORAGE_';
const forms =
  's3://bucket/folder?region=…, azure://account/container/folder, gcs://bucket/folder or local:///folder (see docs/egress.md)';

/** Names of settings that belong to storages. */
export const isStorageSetting = (name: string): boolean => name.startsWith(prefix);

/** Of a storage, and no storage itself. */
const isPart = (name: string): boolean => /_(?:KEY|SECRET)$/.test(name);

/**
 * Storages from settings `STORAGE_<NAME>`, with `STORAGE_<NAME>_KEY` and `_SECRET` for what must not be seen. Problems are one line
 * each: the setting, and what is allowed. Without any there is `local`.
 */
export function readStorages(given: Environment): {
  readonly storages: Storages;
  readonly problems: readonly string[];
} {
  const names = Object.keys(given).filter(isStorageSetting);
  const read = names.filter((name) => !isPart(name)).map((setting) => readOne(setting, given));
  const orphans = names
    .filter((name) => isPart(name) && !names.includes(name.replace(/_(?:KEY|SECRET)$/, '')))
    .map((name) => `${name}: is for ${name.replace(/_(?:KEY|SECRET)$/, '')}, which is missing`);
  const found = read.filter((each) => typeof each !== 'string');
  const all: readonly Storage[] = names.length === 0 ? [{ name: 'local', kind: 'local', folder: '' }] : found;
  return {
    storages: new Map(all.map((storage) => [storage.name, storage])),
    problems: [...read.filter((each) => typeof each === 'string'), ...orphans],
  };
}

/** The storage, or a problem. */
function readOne(setting: string, given: Environment): Storage | string {
  const name = setting.slice(prefix.length).toLowerCase().replaceAll('_', '-');
  const url = URL.parse(given[setting] ?? '');
  const folder = url && folderOf(url);
  if (!/^[a-z][a-z\d-]{0,39}$/.test(name)) return `${setting}: must be STORAGE_ and a name of letters, digits and _`;
  if (!url || folder === undefined || url.username || url.password || url.hash) return `${setting}: must be ${forms}`;
  const allowed = url.protocol === 's3:' ? ['region', 'endpoint', 'pathStyle'] : [];
  const strange = [...url.searchParams.keys()].find((key) => !allowed.includes(key));
  if (strange !== undefined) return `${setting}: takes no ${strange.slice(0, 40)}; it must be ${forms}`;
  return kindOf(setting, given, url, folder ?? '', name);
}

function kindOf(setting: string, given: Environment, url: URL, folder: string, name: string): Storage | string {
  const [key, secret] = [given[`${setting}_KEY`], given[`${setting}_SECRET`]];
  const needs = (what: string) => `${setting}_${what}: is missing; ${setting} needs it`;
  if (url.protocol === 'local:')
    return key || secret ? `${setting}: takes no key or secret` : { name, kind: 'local', folder };
  if (secret === undefined) return needs('SECRET');
  if (url.protocol !== 's3:' && key !== undefined) return `${setting}_KEY: is for s3:// only`;
  if (url.protocol === 's3:') return key === undefined ? needs('KEY') : s3(setting, url, { name, folder, key, secret });
  if (url.protocol === 'gcs:') return gcs(setting, url, { name, folder, secret });
  const [container = '', ...rest] = folder.split('/');
  if (url.protocol !== 'azure:' || !url.host || !container) return `${setting}: must be ${forms}`;
  return { name, kind: 'azure', account: url.host, container, folder: rest.join('/'), secret: new Secret(secret) };
}

interface Parts {
  readonly name: string;
  readonly folder: string;
  readonly secret: string;
}

function s3(setting: string, url: URL, { secret, ...parts }: Parts & { readonly key: string }): Storage | string {
  const endpoint = url.searchParams.get('endpoint') ?? '';
  const pathStyle = url.searchParams.get('pathStyle') ?? '0';
  if (!url.host) return `${setting}: must be ${forms}`;
  if (endpoint && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    return `${setting}: its endpoint must be a URL that begins with https:// or http://`;
  if (!/^[01]$/.test(pathStyle)) return `${setting}: its pathStyle must be 1 or 0`;
  return {
    ...parts,
    kind: 's3',
    bucket: url.host,
    region: url.searchParams.get('region') ?? '',
    endpoint,
    pathStyle: pathStyle === '1',
    secret: new Secret(secret),
  };
}

function gcs(setting: string, url: URL, { secret, ...parts }: Parts): Storage | string {
  if (!url.host) return `${setting}: must be ${forms}`;
  if (!isObject(secret))
    return `${setting}_SECRET: must be the JSON of a service account's key (what came is not shown)`;
  return { ...parts, kind: 'gcs', bucket: url.host, secret: new Secret(secret) };
}

/** Without a slash at either end; nothing where it leads elsewhere. */
function folderOf(url: URL): string | undefined {
  const folder = decoded(url.pathname)?.replace(/^\/+|\/+$/g, '');
  const isLocal = url.protocol === 'local:';
  if (folder === undefined || !/^[^\p{Cc}{}\\]*$/u.test(folder) || folder.split('/').includes('..')) return undefined;
  return isLocal ? `/${folder}` : folder;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** The storage of this name; of none: the one called `default`, else the only one. Text: what is wrong, and what there is. */
export function chosenStorage(storages: Storages, name: string | undefined): Storage | string {
  const names = [...storages.keys()].join(', ');
  if (name !== undefined) return storages.get(name) ?? `there is no storage of this name; there are ${names}`;
  const only = storages.size === 1 ? [...storages.values()][0] : undefined;
  return storages.get('default') ?? only ?? `must name one of the storages ${names}, of which none is called default`;
}
