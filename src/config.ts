import { z } from 'zod';
import type { Address } from './config/address.ts';
import { type Config, type Secrets, type VendorName, vendorNames } from './config/config.ts';
import { crossChecks } from './config/cross-checks.ts';
import { readKeysFile, shortKeys } from './config/keys-file.ts';
import { keysOf, type LivekitSettings, weaknesses } from './config/livekit.ts';
import { type Environment, filledIn, given, schema, schemaWithFile, settingNames } from './config/schema.ts';
import { sort } from './config/sort.ts';
import { unknownKeys } from './config/unknown-keys.ts';
import { isStorageSetting, readStorages } from './egress.ts';
import { redact } from './failure.ts';
import { createKeyRing } from './key-ring.ts';
import { readSip } from './sip.ts';

export type { Address } from './config/address.ts';
export { inNetworks } from './config/networks.ts';
export { isLoopback, reachable, showAddress } from './config/address.ts';
export type { AlertReceiver, Config, OutboundConfig, Secrets, VendorConfig, VendorName } from './config/config.ts';
export { vendorNames } from './config/config.ts';
export { readRedisUrl } from './config/redis-url.ts';
export { settingNames } from './config/schema.ts';

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
    ...crossChecks(given),
    ...('problems' in keys ? [...keys.problems, ...weaknesses(livekit, new Map())] : weaknesses(livekit, keys.keys)),
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
        readSip: (text) => readSip(text, env),
      })
    : { problems };
}

/** What of LiveKit's settings can be read, whatever is wrong with the others. */
const livekitOf = (filled: Readonly<Record<string, string>>): LivekitSettings => ({
  ...given({
    url: schema.shape.LIVEKIT_URL.safeParse(filled['LIVEKIT_URL']).data,
    fallbackUrl: schema.shape.LIVEKIT_FALLBACK_URL.safeParse(filled['LIVEKIT_FALLBACK_URL']).data,
    key: schema.shape.LIVEKIT_API_KEY.safeParse(filled['LIVEKIT_API_KEY']).data,
    secret: schema.shape.LIVEKIT_API_SECRET.safeParse(filled['LIVEKIT_API_SECRET']).data,
    file: schema.shape.LIVEKIT_KEYS_FILE.safeParse(filled['LIVEKIT_KEYS_FILE']).data,
  }),
  production: filled['VOICECHART_ENV'] === 'production',
  allowInsecure: schema.shape.ALLOW_INSECURE_LIVEKIT.safeParse(filled['ALLOW_INSECURE_LIVEKIT']).data === true,
});

/** What the file of keys holds now, if there is one and it may be used. */
export function usableKeys({ livekitKeysFile, longLivekitKeys }: Pick<Config, 'livekitKeysFile' | 'longLivekitKeys'>) {
  if (livekitKeysFile === undefined) return undefined;
  const { reading } = readKeysFile(livekitKeysFile);
  if ('problems' in reading || (longLivekitKeys && shortKeys(reading.keys).length > 0)) return undefined;
  return reading.keys;
}

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

/** Where telephone lines are written, for those who need no other setting. */
export const sipFileOf = (env: Environment): string => filledIn(env)['SIP_FILE'] ?? 'sip.yaml';

/** Problems, one line each, when an agent uses a vendor whose key is not set. */
export function requireVendors(keys: readonly VendorName[], used: Iterable<VendorName>): readonly string[] {
  return [...new Set(used)]
    .filter((vendor) => !keys.includes(vendor))
    .map((vendor) => `${keyName(vendor)}: is missing; an agent uses ${vendor}`);
}

const keyName = (vendor: VendorName): string => `${vendor.toUpperCase()}_API_KEY`;

function tell(issue: z.core.$ZodIssue, given: Environment): string {
  const shown = issue.code === 'custom' && issue.params && 'came' in issue.params;
  const came = shown ? `, not ${show(issue.params['came'], given)}` : '';
  return `${issue.path.join('.')}: ${issue.message}${came}`;
}

/** What came, unless a secret is in it: somebody may have put one under the wrong name. */
function show(came: unknown, given: Environment): string {
  const text = redact(String(came)).replace(/\/\/[^/@]*@/, '//…@');
  const secrets = Object.entries(given).flatMap(([name, value]) =>
    /_(?:KEY|SECRETS?)$/.test(name) && value !== undefined ? [value, ...value.split(',')] : [],
  );
  const leaks = secrets.some((each) => each.trim() !== '' && String(came).includes(each.trim()));
  return leaks ? 'what came (it holds a key or secret and is not shown)' : JSON.stringify(text.slice(0, 80));
}
