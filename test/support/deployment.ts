import type { LivekitAccess } from './services.ts';

/** A LiveKit that runs somewhere already, with a gateway and a recorder of its own. */
export interface Deployment {
  readonly livekit: LivekitAccess;
  /** Where it sends its webhooks, and how its gateway reaches the telephones of tests: an address of this machine. */
  readonly host: string;
  readonly port: number;
}

const names = ['URL', 'KEY', 'SECRET', 'WEBHOOKS'] as const;
const nameOf = (name: (typeof names)[number]): string => `LIVEKIT_DEPLOYMENT_${name}`;

/**
 * The deployment that `LIVEKIT_DEPLOYMENT_URL` names, with its key and secret in `…_KEY` and `…_SECRET`; its configuration sends
 * webhooks, signed with that key, to `http://` + `…_WEBHOOKS` (`host:port`) + `/webhook`. Files are looked for on this disk.
 */
export function deploymentOf(env: Readonly<Record<string, string | undefined>>): Deployment | undefined {
  const [url, apiKey, apiSecret, webhooks] = names.map((name) => env[nameOf(name)]);
  if (!url && !apiKey && !apiSecret && !webhooks) return undefined;
  const missing = names.filter((name) => !env[nameOf(name)]).map(nameOf);
  if (missing.length > 0)
    throw new Error(`${missing.join(', ')}: missing; a deployment needs all of ${names.map(nameOf).join(', ')}`);
  if (!/^wss?:\/\//.test(url!))
    throw new Error(`${nameOf('URL')}: must begin with ws:// or wss://, not ${JSON.stringify(url)}`);
  const [, host, port] = /^([^\s:]+):(\d{1,5})$/.exec(webhooks!) ?? [];
  if (!host) throw new Error(`${nameOf('WEBHOOKS')}: must be host:port, not ${JSON.stringify(webhooks)}`);
  const livekit = { url: url!, httpUrl: url!.replace(/^ws/, 'http'), apiKey: apiKey!, apiSecret: apiSecret! };
  return { livekit, host, port: Number(port) };
}

export const deployment = deploymentOf(process.env);
