import { z } from 'zod';
import { identifier } from '../fields.ts';
import {
  address,
  flag,
  line,
  names,
  oneOf,
  prefixes,
  receiverUrl,
  redisUrl,
  secret,
  secretHeaders,
  signingSecrets,
  telephone,
  url,
  vendorKeys,
  whole,
  workers,
} from './fields.ts';
import { isNetwork } from './networks.ts';
import { premiumPrefixes } from './premium.ts';

/** Every setting there is, by its name in the environment. An empty one counts as not set. */
export const schema = z.object({
  LIVEKIT_URL: url('wss', 'ws', 'https', 'http'),
  LIVEKIT_FALLBACK_URL: url('wss', 'ws', 'https', 'http').optional(),
  LIVEKIT_API_KEY: line(100),
  LIVEKIT_API_SECRET: secret(),
  LIVEKIT_KEYS_FILE: line(1_000).optional(),
  ALLOW_INSECURE_LIVEKIT: flag().prefault('0'),
  LIVEKIT_SIP_ADDR: address().optional(),
  SIP_WORKER_HEALTH_URL: url('http', 'https').optional(),
  EGRESS_WORKER_HEALTH_URL: url('http', 'https').optional(),
  INGRESS_WORKER_HEALTH_URL: url('http', 'https').optional(),
  SIP_FILE: line(1_000).optional(),
  DEEPGRAM_API_KEY: vendorKeys().optional(),
  DEEPGRAM_BASE_URL: url('https', 'http', 'wss', 'ws').optional(),
  OPENAI_API_KEY: vendorKeys().optional(),
  OPENAI_BASE_URL: url('https', 'http').optional(),
  GROQ_API_KEY: vendorKeys().optional(),
  GROQ_BASE_URL: url('https', 'http').optional(),
  CARTESIA_API_KEY: vendorKeys().optional(),
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
  KEEP_CALLS_DAYS: whole(1, 3_650).prefault('30'),
  OUTBOUND_ALLOW: prefixes().optional(),
  OUTBOUND_TRUNK: line(100).optional(),
  OUTBOUND_CONCURRENT: whole(1, 1_000).prefault('5'),
  OUTBOUND_DAILY_MINUTES: whole(1, 100_000).prefault('60'),
  FAILSAFE_TRANSFER_TO: telephone().optional(),
  MAX_CALLS: whole(1, 10_000).optional(),
  MAX_CALLS_PER_TRUNK: whole(1, 10_000).optional(),
  MAX_CALLS_PER_NUMBER: whole(1, 10_000).optional(),
  WORKERS: workers(64).prefault('0'),
  REDIS_URL: redisUrl().optional(),
  DRAIN_SECONDS: whole(0, 300).prefault('10'),
  PREMIUM_PREFIXES: prefixes().prefault(premiumPrefixes),
  CALLS_PER_NUMBER: whole(1, 1_000).prefault('10'),
  TRUSTED_PROXIES: names(
    isNetwork,
    'addresses or networks with commas between them, such as 10.0.0.0/8,fd00::/8',
  ).optional(),
  ALERT_WEBHOOK_URL: receiverUrl().optional(),
  ALERT_WEBHOOK_SECRETS: signingSecrets(3).optional(),
  ALERT_WEBHOOK_INSIDE: flag().prefault('0'),
  ALERT_HEARTBEAT_MS: whole(10_000, 3_600_000).optional(),
  ALERT_HEARTBEAT_URL: receiverUrl().optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('https', 'http').optional(),
  OTEL_EXPORTER_OTLP_HEADERS: secretHeaders().optional(),
  OTEL_SERVICE_NAME: line(100).prefault('voicechart'),
  VOICECHART_ENV: oneOf('development', 'production').prefault('development'),
  STATELY_INSPECT: flag().prefault('0'),
  LOG_LEVEL: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').prefault('info'),
});

/** With a file of keys there is no other key. */
export const schemaWithFile = schema.extend({
  LIVEKIT_API_KEY: line(100).optional(),
  LIVEKIT_API_SECRET: secret().optional(),
});

export type Settings = z.output<typeof schemaWithFile>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of all settings, in the order of the documentation. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

/** What is set, by name. */
export const filledIn = (env: Environment): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])));

/** Without the keys that are not set. */
export const given = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
