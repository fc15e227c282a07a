import { RoomServiceClient } from 'livekit-server-sdk';
import { freeTcpPort } from '../lib/ports.ts';
import { findLivekitServer, type LivekitBinary, startLivekitServer } from '../services/livekit-server.ts';
import { DemoError } from './demo-error.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Access {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** `host:port` where its webhooks are to arrive. */
  readonly webhookAddr: string;
}

/** A LiveKit for the demo: somebody's, or a server that can be started here. */
export type FoundLivekit =
  | ({ readonly from: 'env' } & Access)
  | { readonly from: 'here'; readonly binary: LivekitBinary };

/** A LiveKit that runs. */
export interface Livekit extends Access {
  stop(): Promise<void>;
}

const answersWithinS = 5;

/**
 * The one of `LIVEKIT_URL`, else what can be had here, else nothing: the room is in-process then. Rejects with a `DemoError`
 * when the settings are wrong, nobody answers there, or with `CI` set there is none.
 */
export async function findLivekit(
  env: Environment,
  progress: (line: string) => void,
): Promise<FoundLivekit | undefined> {
  if (env['LIVEKIT_URL']) return given(env, env['LIVEKIT_URL']);
  const binary = await findLivekitServer({ env, progress });
  if (binary) return { from: 'here', binary };
  if (env['CI'])
    throw new DemoError(
      'unavailable',
      'CI is set and no livekit-server can be had: put one on the PATH, or install Go 1.24 or newer, or start Docker',
    );
  return undefined;
}

async function given(env: Environment, url: string): Promise<FoundLivekit> {
  const { LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  const missing = ['LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'].filter((name) => !env[name]);
  if (!apiKey || !apiSecret) throw new DemoError('usage', `LIVEKIT_URL is set and ${missing.join(' and ')} not`);
  if (!/^(?:ws|http)s?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new DemoError('usage', 'LIVEKIT_URL: must be a URL that begins with wss://, ws://, https:// or http://');
  await knock(url, apiKey, apiSecret);
  return { from: 'env', url, apiKey, apiSecret, webhookAddr: env['WEBHOOK_ADDR'] || '127.0.0.1:8080' };
}

/** Says what is wrong before a caller waits for it. */
async function knock(url: string, apiKey: string, apiSecret: string): Promise<void> {
  const rooms = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, {
    requestTimeout: answersWithinS,
    failover: false,
  });
  try {
    await rooms.listRooms(['none']);
  } catch (error) {
    const { status } = error as { readonly status?: number };
    throw new DemoError('unavailable', `LIVEKIT_URL: the LiveKit at ${new URL(url).host} ${answerOf(status)}`);
  }
}

function answerOf(status: number | undefined): string {
  if (status === undefined) return 'does not answer';
  return status === 401 ? 'does not take LIVEKIT_API_KEY with LIVEKIT_API_SECRET' : `answers with status ${status}`;
}

/** Starts it where it is one of ours. */
export async function openLivekit(found: FoundLivekit, tell: (line: string) => void): Promise<Livekit> {
  if (found.from === 'env') {
    const { url, webhookAddr } = found;
    tell(`LiveKit       ${url} (LIVEKIT_URL); its webhooks must go to http://${webhookAddr}/webhooks/livekit`);
    return { ...found, stop: () => Promise.resolve() };
  }
  const webhookAddr = `127.0.0.1:${await freeTcpPort()}`;
  const server = await startLivekitServer({
    binary: found.binary,
    webhookUrl: `http://${webhookAddr}/webhooks/livekit`,
  });
  tell(`LiveKit       ${server.url}  (a livekit-server of its own)`);
  const { url, apiKey, apiSecret } = server;
  return { url, apiKey, apiSecret, webhookAddr, stop: () => server.stop() };
}
