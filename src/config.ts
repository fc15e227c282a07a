import { z } from 'zod';
import { isLoopback, showAddress } from './config/address.ts';
import type { Address } from './config/address.ts';
import { address, flag, line, names, oneOf, prefixes, secret, secretUrl, url, whole } from './config/fields.ts';
import { keysOf, type LivekitSettings, mustBeLong, weaknesses } from './config/livekit.ts';
import { unknownKeys } from './config/unknown-keys.ts';
import { isStorageSetting, readStorages, type Storages } from './egress.ts';
import { redact } from './failure.ts';
import { identifier } from './fields.ts';
import { type ChangingKeyRing, createKeyRing } from './key-ring.ts';
import type { Secret } from './secret.ts';

export type { Address } from './config/address.ts';
export { isLoopback, reachable, showAddress } from './config/address.ts';

/** Every setting there is, by its name in the environment. An empty one counts as not set. */
const schema = z.object({
  LIVEKIT_URL: url('wss', 'ws', 'https', 'http'),
  LIVEKIT_API_KEY: line(100),
  LIVEKIT_API_SECRET: secret(),
  LIVEKIT_KEYS_FILE: line(1_000).optional(),
  ALLOW_INSECURE_LIVEKIT: flag().prefault('0'),
  LIVEKIT_SIP_ADDR: address().optional(),
  DEEPGRAM_API_KEY: secret().optional(),
  DEEPGRAM_BASE_URL: url('https', 'http', 'wss', 'ws').optional(),
  OPENAI_API_KEY: secret().optional(),
  OPENAI_BASE_URL: url('https', 'http').optional(),
  GROQ_API_KEY: secret().optional(),
  GROQ_BASE_URL: url('https', 'http').optional(),
  CARTESIA_API_KEY: secret().optional(),
  CARTESIA_BASE_URL: url('https', 'http', 'wss', 'ws').optional(),
  CARTESIA_CA_FILE: line(1_000).optional(),
  AGENTS: line(1_000).prefault('agents'),
  ROOM_PREFIX: line(100).prefault('voice-ai-call'),
  DECLARED_ROOMS: names(
    (room) => identifier.safeParse(room).success,
    'names of rooms with commas between them, such as streaming-room',
  ).prefault('streaming-room'),
  MAX_ROOMS: whole(1, 100_000).prefault('200'),
  MAX_PARTICIPANTS: whole(1, 1_000_000).prefault('2000'),
  INGRESS_HOSTS: names(
    (host) => /^(?:\*\.)?(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/.test(host),
    'names of hosts in small letters with commas between them, such as media.example.com,*.cdn.example.com',
  ).optional(),
  WEBHOOK_ADDR: address().prefault('127.0.0.1:8080'),
  API_ADDR: address().prefault('127.0.0.1:8081'),
  CONSOLE_URL: url('https').optional(),
  HEALTH_ADDR: address().prefault('127.0.0.1:8082'),
  DATA_DIR: line(1_000).prefault('.data'),
  OUTBOUND_ALLOW: prefixes().optional(),
  OUTBOUND_TRUNK: line(100).optional(),
  OUTBOUND_CONCURRENT: whole(1, 1_000).prefault('5'),
  OUTBOUND_DAILY_MINUTES: whole(1, 100_000).prefault('60'),
  REDIS_URL: secretUrl('redis', 'rediss').optional(),
  VOICECHART_ENV: oneOf('development', 'production').prefault('development'),
  STATELY_INSPECT: flag().prefault('0'),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').prefault('info'),
});

/** With a file of keys there is no other key. */
const schemaWithFile = schema.extend({
  LIVEKIT_API_KEY: line(100).optional(),
  LIVEKIT_API_SECRET: secret().optional(),
});

type Settings = z.output<typeof schemaWithFile>;
type Environment = Readonly<Record<string, string | undefined>>;

/** Names of all settings, in the order of the documentation. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

const vendorNames = ['deepgram', 'openai', 'groq', 'cartesia'] as const;
export type VendorName = (typeof vendorNames)[number];

export interface VendorConfig {
  /** Left out: the vendor's own. */
  readonly baseUrl?: string;
  /** Certificate authority (PEM) to trust besides the system's; Cartesia only, whose client insists on TLS. */
  readonly caFile?: string;
}

/** Who may be called, and how much. */
export interface OutboundConfig {
  /** Beginnings of numbers, such as `+49`. */
  readonly allow: readonly string[];
  /** Name or id of LiveKit's outbound trunk. */
  readonly trunk: string;
  /** Calls out at once. */
  readonly concurrent: number;
  /** Of calls out, a day (UTC). */
  readonly dailyMinutes: number;
}

/** What may be printed. */
export interface Config {
  readonly production: boolean;
  readonly livekitUrl: string;
  /** Where `Secrets.livekitKeys` came from, and what is to be watched. Left out: from the settings. */
  readonly livekitKeysFile?: string;
  /** LiveKit's URL and keys need not be safe from who listens on the way, though it may be far. */
  readonly allowInsecureLivekit: boolean;
  /** LiveKit's keys must be long: it is on another machine, or this is production. */
  readonly longLivekitKeys: boolean;
  /** Where livekit-sip takes calls; for `voicechart doctor` alone. */
  readonly livekitSipAddr?: Address;
  readonly vendors: Readonly<Record<VendorName, VendorConfig>>;
  /** File or folder of agents. */
  readonly agents: string;
  readonly roomPrefix: string;
  /** Rooms of ours that are no calls. */
  readonly declaredRooms: readonly string[];
  readonly roomLimits: { readonly rooms: number; readonly participants: number };
  /** Where media may be pulled from. Empty: from anywhere in the Internet. */
  readonly ingressHosts: readonly string[];
  readonly webhookAddr: Address;
  readonly apiAddr: Address;
  /** By which https address browsers reach the API, behind a proxy; left out: by a name of this machine. */
  readonly consoleUrl?: string;
  readonly healthAddr: Address;
  readonly dataDir: string;
  /** Left out: nobody is called. */
  readonly outbound?: OutboundConfig;
  readonly statelyInspect: boolean;
  readonly logLevel: Settings['LOG_LEVEL'];
}

export interface Secrets {
  readonly livekitKeys: ChangingKeyRing;
  /** What instances share. Left out: there is this one alone. */
  readonly redisUrl?: Secret;
  readonly vendors: Readonly<Partial<Record<VendorName, Secret>>>;
  /** Where recordings are kept, with what opens it. */
  readonly storages: Storages;
}

export type ConfigReading =
  | { readonly config: Config; readonly secrets: Secrets }
  | { readonly problems: readonly string[] };

/**
 * Reads all settings at once, and the file of keys as it is now. Each problem is one line: the key, what is wrong, what is allowed
 * and what came, never a secret. Which vendor keys must be there depends on the agents: `requireVendors`.
 */
export function readConfig(env: Environment): ConfigReading {
  const given = filledIn(env);
  const parsed = (given['LIVEKIT_KEYS_FILE'] === undefined ? schema : schemaWithFile).safeParse(given);
  const livekit = livekitOf(given);
  const keys = keysOf(livekit);
  const stored = readStorages(given);
  const problems = [
    ...(parsed.error?.issues.map((issue) => tell(issue, given)) ?? []),
    ...forbidden(given),
    ...('problems' in keys ? [...keys.problems, ...weaknesses(livekit, new Map())] : weaknesses(livekit, keys.keys)),
    ...clashes(given),
    ...halfOutbound(given),
    ...unreachable(given),
    ...stored.problems,
    ...unknownKeys(
      Object.keys(given).filter((name) => !isStorageSetting(name)),
      settingNames,
    ),
  ];
  return parsed.success && 'keys' in keys && problems.length === 0
    ? sort(parsed.data, livekit, {
        livekitKeys: createKeyRing(keys.keys),
        storages: stored.storages,
      })
    : { problems };
}

/** What of LiveKit's settings can be read, whatever is wrong with the others. */
const livekitOf = (filled: Readonly<Record<string, string>>): LivekitSettings => ({
  ...given({
    url: schema.shape.LIVEKIT_URL.safeParse(filled['LIVEKIT_URL']).data,
    key: schema.shape.LIVEKIT_API_KEY.safeParse(filled['LIVEKIT_API_KEY']).data,
    secret: schema.shape.LIVEKIT_API_SECRET.safeParse(filled['LIVEKIT_API_SECRET']).data,
    file: schema.shape.LIVEKIT_KEYS_FILE.safeParse(filled['LIVEKIT_KEYS_FILE']).data,
  }),
  production: filled['VOICECHART_ENV'] === 'production',
  allowInsecure: schema.shape.ALLOW_INSECURE_LIVEKIT.safeParse(filled['ALLOW_INSECURE_LIVEKIT']).data === true,
});

/** Where an instance keeps what it must not forget, for those who need no other setting; or what is wrong with it. */
export function dataDirOf(env: Environment): { readonly dataDir: string } | { readonly problems: readonly string[] } {
  const filled = filledIn(env);
  const read = z.object({ DATA_DIR: schema.shape.DATA_DIR }).safeParse(filled);
  return read.success
    ? { dataDir: read.data.DATA_DIR }
    : { problems: read.error.issues.map((issue) => tell(issue, filled)) };
}

/** What the checks beyond the settings need: read even where other settings are wrong, so that all is told at once. */
export interface Mentions {
  /** File or folder of agents; left out when it cannot be read. */
  readonly agents?: string;
  readonly caFile?: string;
  /** Vendors whose key is set. */
  readonly keys: readonly VendorName[];
}

export function mentionsOf(env: Environment): Mentions {
  const filled = filledIn(env);
  return {
    ...given({
      agents: schema.shape.AGENTS.safeParse(filled['AGENTS']).data,
      caFile: schema.shape.CARTESIA_CA_FILE.safeParse(filled['CARTESIA_CA_FILE']).data,
    }),
    keys: vendorNames.filter((vendor) => filled[keyName(vendor)] !== undefined),
  };
}

/** Where the API of an instance with these settings listens; nothing when that cannot be read. */
export const apiAddressOf = (env: Environment): Address | undefined =>
  schema.shape.API_ADDR.safeParse(filledIn(env)['API_ADDR']).data;

/** Problems, one line each, when an agent uses a vendor whose key is not set. */
export function requireVendors(keys: readonly VendorName[], used: Iterable<VendorName>): readonly string[] {
  return [...new Set(used)]
    .filter((vendor) => !keys.includes(vendor))
    .map((vendor) => `${keyName(vendor)}: is missing; an agent uses ${vendor}`);
}

const keyName = (vendor: VendorName): string => `${vendor.toUpperCase()}_API_KEY`;

const filledIn = (env: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));

function tell(issue: z.core.$ZodIssue, given: Environment): string {
  const came = issue.code === 'custom' ? `, not ${show(issue.params?.['came'], given)}` : '';
  return `${issue.path.join('.')}: ${issue.message}${came}`;
}

/** What came, unless a secret is in it: somebody may have put one under the wrong name. */
function show(came: unknown, given: Environment): string {
  const text = redact(String(came)).replace(/\/\/[^/@]*@/, '//…@');
  const leaks = Object.entries(given).some(
    ([name, value]) => /_(?:KEY|SECRET)$/.test(name) && value !== undefined && String(came).includes(value),
  );
  return leaks ? 'what came (it holds a key or secret and is not shown)' : JSON.stringify(text.slice(0, 80));
}

function forbidden(given: Environment): readonly string[] {
  if (given['VOICECHART_ENV'] !== 'production') return [];
  const inspects = flag().safeParse(given['STATELY_INSPECT']).data === true;
  return inspects ? ['STATELY_INSPECT: must be 0 in production: it shows whole calls to a web page'] : [];
}

function halfOutbound(given: Environment): readonly string[] {
  const isAllowed = given['OUTBOUND_ALLOW'] !== undefined;
  if (isAllowed === (given['OUTBOUND_TRUNK'] !== undefined)) return [];
  return isAllowed
    ? ['OUTBOUND_TRUNK: is missing; with OUTBOUND_ALLOW it names the outbound trunk of sip.yaml that calls go over']
    : [
        'OUTBOUND_ALLOW: is missing; with OUTBOUND_TRUNK it lists the beginnings of numbers that may be called, such as +49',
      ];
}

function clashes(given: Environment): readonly string[] {
  const names = ['WEBHOOK_ADDR', 'API_ADDR', 'HEALTH_ADDR'] as const;
  const addresses = names.map((name) => schema.shape[name].safeParse(given[name]).data);
  return names.flatMap((name, index) => {
    const own = addresses[index];
    if (own === undefined || own.port === 0) return [];
    const shown = showAddress(own);
    const taken = addresses.findIndex((other) => other !== undefined && showAddress(other) === shown);
    return taken < index ? [`${name}: must differ from ${names[taken]}, both are ${shown}`] : [];
  });
}

/** Keys and sessions would travel in the clear. */
function unreachable(given: Environment): readonly string[] {
  const own = schema.shape.API_ADDR.safeParse(given['API_ADDR']).data;
  if (own === undefined || isLoopback(own.host) || given['CONSOLE_URL'] !== undefined) return [];
  return [
    `API_ADDR: must be of this machine (127.0.0.1, localhost or [::1]), not "${given['API_ADDR']}", unless CONSOLE_URL says by which https address its users come`,
  ];
}

function sort(
  settings: Settings,
  livekit: LivekitSettings,
  { livekitKeys, storages }: Pick<Secrets, 'livekitKeys' | 'storages'>,
): { readonly config: Config; readonly secrets: Secrets } {
  return {
    config: {
      production: settings.VOICECHART_ENV === 'production',
      livekitUrl: settings.LIVEKIT_URL,
      ...given({ livekitKeysFile: settings.LIVEKIT_KEYS_FILE }),
      allowInsecureLivekit: settings.ALLOW_INSECURE_LIVEKIT,
      longLivekitKeys: mustBeLong(livekit),
      ...given({ livekitSipAddr: settings.LIVEKIT_SIP_ADDR }),
      vendors: {
        deepgram: given({ baseUrl: settings.DEEPGRAM_BASE_URL }),
        openai: given({ baseUrl: settings.OPENAI_BASE_URL }),
        groq: given({ baseUrl: settings.GROQ_BASE_URL }),
        cartesia: given({ baseUrl: settings.CARTESIA_BASE_URL, caFile: settings.CARTESIA_CA_FILE }),
      },
      agents: settings.AGENTS,
      roomPrefix: settings.ROOM_PREFIX,
      declaredRooms: settings.DECLARED_ROOMS,
      roomLimits: { rooms: settings.MAX_ROOMS, participants: settings.MAX_PARTICIPANTS },
      ingressHosts: settings.INGRESS_HOSTS ?? [],
      webhookAddr: settings.WEBHOOK_ADDR,
      apiAddr: settings.API_ADDR,
      ...given({ consoleUrl: settings.CONSOLE_URL }),
      healthAddr: settings.HEALTH_ADDR,
      dataDir: settings.DATA_DIR,
      ...outboundOf(settings),
      statelyInspect: settings.STATELY_INSPECT,
      logLevel: settings.LOG_LEVEL,
    },
    secrets: {
      livekitKeys,
      ...given({ redisUrl: settings.REDIS_URL }),
      vendors: given({
        deepgram: settings.DEEPGRAM_API_KEY,
        openai: settings.OPENAI_API_KEY,
        groq: settings.GROQ_API_KEY,
        cartesia: settings.CARTESIA_API_KEY,
      }),
      storages,
    },
  };
}

function outboundOf(settings: Settings): { readonly outbound?: OutboundConfig } {
  const { OUTBOUND_ALLOW: allow, OUTBOUND_TRUNK: trunk } = settings;
  if (allow === undefined || trunk === undefined) return {};
  const { OUTBOUND_CONCURRENT: concurrent, OUTBOUND_DAILY_MINUTES: dailyMinutes } = settings;
  return { outbound: { allow, trunk, concurrent, dailyMinutes } };
}

/** Without the keys that are not set. */
const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
