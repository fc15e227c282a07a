import type { Secret } from '../secret.ts';
import { isLoopback } from './address.ts';
import { fewestSecretBytes, type KeysReading, readKeysFile, shortKeys } from './keys-file.ts';

/** Settings of LiveKit as far as each can be read. */
export interface LivekitSettings {
  readonly url?: string;
  readonly fallbackUrl?: string;
  readonly key?: string;
  readonly secret?: Secret;
  /** Where keys are, instead of `key` and `secret`. */
  readonly file?: string;
  readonly production: boolean;
  readonly allowInsecure: boolean;
}

/** The keys of the settings or of the file that these name. That a setting is missing is not told here. */
export function keysOf({ key, secret, file }: LivekitSettings): KeysReading {
  if (file === undefined) return key && secret ? { keys: new Map([[key, secret]]) } : { problems: [] };
  if (key !== undefined || secret !== undefined)
    return { problems: ['LIVEKIT_KEYS_FILE: LIVEKIT_API_KEY and LIVEKIT_API_SECRET must not be set besides'] };
  const { reading } = readKeysFile(file);
  if ('keys' in reading) return reading;
  return { problems: reading.problems.map((problem) => `LIVEKIT_KEYS_FILE: ${problem}`) };
}

const wayOut = 'or set ALLOW_INSECURE_LIVEKIT=1';

/** What others could read or guess on the way to a server on another machine, one line each. */
export function weaknesses(settings: LivekitSettings, keys: ReadonlyMap<string, Secret>): readonly string[] {
  const { file, production } = settings;
  const setting = file === undefined ? 'LIVEKIT_API_SECRET' : 'LIVEKIT_KEYS_FILE';
  const short = shortKeys(keys);
  if (production && short.length > 0)
    return [`${setting}: must have at least ${fewestSecretBytes} bytes in production${named(file, short)}`];
  if (!mustBeSafe(settings)) return [];
  return [
    ...plainUrl('LIVEKIT_URL', settings.url),
    ...plainUrl('LIVEKIT_FALLBACK_URL', settings.fallbackUrl),
    ...(short.length === 0
      ? []
      : [
          `${setting}: must have at least ${fewestSecretBytes} bytes for a server that is not on this machine, ${wayOut}${named(file, short)}`,
        ]),
  ];
}

function plainUrl(setting: string, url: string | undefined): readonly string[] {
  const plain = /^(?:ws|http):/i.exec(url ?? '')?.[0];
  if (plain === undefined || isHere(url)) return [];
  return [
    `${setting}: must begin with wss:// or https:// for a server that is not on this machine, ${wayOut}, not ${JSON.stringify(`${plain}//`)}`,
  ];
}

const named = (file: string | undefined, short: readonly string[]): string =>
  file === undefined ? '' : `: ${short.join(', ')}`;

/** Whether keys must withstand who guesses. */
export const mustBeLong = (settings: LivekitSettings): boolean => settings.production || mustBeSafe(settings);

const mustBeSafe = ({ url, fallbackUrl, allowInsecure }: LivekitSettings): boolean =>
  !allowInsecure && !(isHere(url) && isHere(fallbackUrl));

/** What is not set needs no care. */
const isHere = (url: string | undefined): boolean =>
  url === undefined || isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
