import { z } from 'zod';
import { showAddress } from './config/address.ts';
import type { Address } from './config/address.ts';
import { address, flag, line, loopbackAddress, oneOf, prefixes, secret, url, whole } from './config/fields.ts';
import { unknownKeys } from './config/unknown-keys.ts';
import { redact } from './failure.ts';
import type { Secret } from './secret.ts';

export type { Address } from './config/address.ts';
export { isLoopback, showAddress } from './config/address.ts';

/** Every setting there is, by its name in the environment. An empty one counts as not set. */
const schema = z.object({
  LIVEKIT_URL: url('wss', 'ws', 'https', 'http'),
  LIVEKIT_API_KEY: line(100),
  LIVEKIT_API_SECRET: secret(),
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
  WEBHOOK_ADDR: address().prefault('127.0.0.1:8080'),
  API_ADDR: loopbackAddress().prefault('127.0.0.1:8081'),
  HEALTH_ADDR: address().prefault('127.0.0.1:8082'),
  DATA_DIR: line(1_000).prefault('.data'),
  OUTBOUND_ALLOW: prefixes().optional(),
  OUTBOUND_TRUNK: line(100).optional(),
  OUTBOUND_CONCURRENT: whole(1, 1_000).prefault('5'),
  OUTBOUND_DAILY_MINUTES: whole(1, 100_000).prefault('60'),
  VOICECHART_ENV: oneOf('development', 'production').prefault('development'),
  STATELY_INSPECT: flag().prefault('0'),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').prefault('info'),
});

type Settings = z.output<typeof schema>;
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
  /** The key new tokens are signed with; its secret is in `Secrets.livekitKeys`. */
  readonly livekitApiKey: string;
  readonly vendors: Readonly<Record<VendorName, VendorConfig>>;
  /** File or folder of agents. */
  readonly agents: string;
  readonly roomPrefix: string;
  readonly webhookAddr: Address;
  readonly apiAddr: Address;
  readonly healthAddr: Address;
  readonly dataDir: string;
  /** Left out: nobody is called. */
  readonly outbound?: OutboundConfig;
  readonly statelyInspect: boolean;
  readonly logLevel: Settings['LOG_LEVEL'];
}

export interface Secrets {
  /** API key → its secret: who may sign webhooks. */
  readonly livekitKeys: ReadonlyMap<string, Secret>;
  readonly vendors: Readonly<Partial<Record<VendorName, Secret>>>;
}

export type ConfigReading =
  | { readonly config: Config; readonly secrets: Secrets }
  | { readonly problems: readonly string[] };

/**
 * Reads all settings at once. Each problem is one line: the key, what is wrong, what is allowed and what came, never a secret.
 * Which vendor keys must be there depends on the agents: `requireVendors`.
 */
export function readConfig(env: Environment): ConfigReading {
  const given = filledIn(env);
  const parsed = schema.safeParse(given);
  const problems = [
    ...(parsed.error?.issues.map((issue) => tell(issue, given)) ?? []),
    ...forbidden(given),
    ...clashes(given),
    ...halfOutbound(given),
    ...unknownKeys(Object.keys(given), settingNames),
  ];
  return parsed.success && problems.length === 0 ? sort(parsed.data) : { problems };
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
  const guessable = (given['LIVEKIT_API_SECRET']?.length ?? 32) < 32;
  return [
    ...(inspects ? ['STATELY_INSPECT: must be 0 in production: it shows whole calls to a web page'] : []),
    ...(guessable ? ['LIVEKIT_API_SECRET: must have at least 32 characters in production'] : []),
  ];
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

function sort(settings: Settings): { readonly config: Config; readonly secrets: Secrets } {
  return {
    config: {
      production: settings.VOICECHART_ENV === 'production',
      livekitUrl: settings.LIVEKIT_URL,
      livekitApiKey: settings.LIVEKIT_API_KEY,
      vendors: {
        deepgram: given({ baseUrl: settings.DEEPGRAM_BASE_URL }),
        openai: given({ baseUrl: settings.OPENAI_BASE_URL }),
        groq: given({ baseUrl: settings.GROQ_BASE_URL }),
        cartesia: given({ baseUrl: settings.CARTESIA_BASE_URL, caFile: settings.CARTESIA_CA_FILE }),
      },
      agents: settings.AGENTS,
      roomPrefix: settings.ROOM_PREFIX,
      webhookAddr: settings.WEBHOOK_ADDR,
      apiAddr: settings.API_ADDR,
      healthAddr: settings.HEALTH_ADDR,
      dataDir: settings.DATA_DIR,
      ...outboundOf(settings),
      statelyInspect: settings.STATELY_INSPECT,
      logLevel: settings.LOG_LEVEL,
    },
    secrets: {
      livekitKeys: new Map([[settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET]]),
      vendors: given({
        deepgram: settings.DEEPGRAM_API_KEY,
        openai: settings.OPENAI_API_KEY,
        groq: settings.GROQ_API_KEY,
        cartesia: settings.CARTESIA_API_KEY,
      }),
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
