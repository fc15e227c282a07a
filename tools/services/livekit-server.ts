import { randomBytes } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import { atEnd, spawnOwned, type OwnedChild } from '../lib/owned.ts';
import { freeTcpPort, freeUdpPort } from '../lib/ports.ts';
import { runSync } from '../lib/run.ts';
import type { LivekitBinary } from './livekit-binary.ts';

export { findLivekitServer, type LivekitBinary } from './livekit-binary.ts';

const readyLimitMs = 20_000;
const tries = 5;

export interface LivekitServerOptions {
  readonly binary: LivekitBinary;
  /** Gets every webhook of this server, signed with its key or the one that is named. */
  readonly webhookUrl?: string;
  readonly webhookKey?: string;
  /** Other keys that it knows, each with its secret. */
  readonly keys?: Readonly<Record<string, string>>;
  /** `host:port` of a Redis that this server shares with others. */
  readonly redisAddress?: string;
  /** To start again where an earlier one died. Free ports and a new key otherwise. */
  readonly at?: {
    readonly port: number;
    readonly udpPort: number;
    readonly apiKey: string;
    readonly apiSecret: string;
  };
}

/** A livekit-server of ours, everything on 127.0.0.1. */
export interface RunningServer {
  /** `ws://127.0.0.1:port`, for participants. */
  readonly url: string;
  /** `http://127.0.0.1:port`, for the API. */
  readonly httpUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly port: number;
  readonly udpPort: number;
  readonly pid: number;
  /** Asks it to go once its participants have; settles when it is gone. */
  drain(): Promise<void>;
  /** Kills it at once (SIGTERM would wait for its participants) and waits until it is gone. Idempotent. */
  stop(): Promise<void>;
  /** Settles when it is gone, wanted or not. */
  readonly exited: Promise<void>;
}

type Place = NonNullable<LivekitServerOptions['at']>;

/**
 * Starts a server of our own and waits until it takes our key; that some server answers on the port proves nothing.
 * Rejects with its last words when it does not come up. It ends with this process, however that ends.
 */
export async function startLivekitServer(options: LivekitServerOptions): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const place = options.at ?? (await newPlace());
    const child = launch(options, place);
    const problem = await becomesReady(child, place);
    if (!problem) return describe(child, place);
    await child.stop();
    if (options.at || attempt === tries) throw new Error(`livekit-server did not start: ${problem}`);
  }
}

async function newPlace(): Promise<Place> {
  const [port, udpPort] = await Promise.all([freeTcpPort(), freeUdpPort()]);
  return { port, udpPort, apiKey: `key${random(6)}`, apiSecret: random(24) };
}

const random = (bytes: number): string => randomBytes(bytes).toString('hex');

function describe(child: OwnedChild, { port, udpPort, apiKey, apiSecret }: Place): RunningServer {
  return {
    url: `ws://127.0.0.1:${port}`,
    httpUrl: `http://127.0.0.1:${port}`,
    apiKey,
    apiSecret,
    port,
    udpPort,
    pid: child.pid,
    async drain() {
      child.terminate();
      await child.exited;
    },
    stop: () => child.stop(),
    exited: child.exited.then(() => undefined),
  };
}

function launch(options: LivekitServerOptions, place: Place): OwnedChild {
  // The configuration travels in the environment: no file to leave behind, and the key is in no command line.
  const env = { ...process.env, LIVEKIT_CONFIG: configOf(options, place) };
  const { binary } = options;
  return binary.from === 'docker' ? launchInDocker(binary, env) : spawnOwned(binary.command, [], { env });
}

/** The client dies with us; the container does not, so it is removed by name. */
function launchInDocker({ command, image }: LivekitBinary & { from: 'docker' }, env: NodeJS.ProcessEnv): OwnedChild {
  const name = `voicechart-livekit-${random(4)}`;
  const child = spawnOwned(
    command,
    ['run', '--rm', '--name', name, '--network', 'host', '-e', 'LIVEKIT_CONFIG', image],
    {
      env,
    },
  );
  const remove = () => void runSync(command, ['rm', '--force', name]);
  const release = atEnd(remove);
  return {
    ...child,
    async stop() {
      release();
      remove();
      await child.stop();
    },
  };
}

/** Nothing need listen there: it is what is told to whoever makes an ingress, which takes a Redis. */
const ingressBases = { rtmp_base_url: 'rtmp://127.0.0.1:1935/live', whip_base_url: 'http://127.0.0.1:8080/w' };

/** JSON is YAML. With `tcp_port: 0` and one UDP port nothing listens outside 127.0.0.1. */
function configOf({ webhookUrl, webhookKey, keys, redisAddress }: LivekitServerOptions, place: Place): string {
  return JSON.stringify({
    port: place.port,
    bind_addresses: ['127.0.0.1'],
    keys: { ...keys, [place.apiKey]: place.apiSecret },
    logging: { level: 'warn' },
    rtc: {
      tcp_port: 0,
      udp_port: place.udpPort,
      use_external_ip: false,
      node_ip: '127.0.0.1',
      enable_loopback_candidate: true,
      interfaces: { includes: [process.platform === 'darwin' ? 'lo0' : 'lo'] },
    },
    room: { empty_timeout: 60, departure_timeout: 20 },
    ...(webhookUrl ? { webhook: { api_key: webhookKey ?? place.apiKey, urls: [webhookUrl] } } : {}),
    ...(redisAddress ? { redis: { address: redisAddress }, ingress: ingressBases } : {}),
  });
}

async function becomesReady(child: OwnedChild, place: Place): Promise<string | undefined> {
  const until = Date.now() + readyLimitMs;
  while (child.alive() && Date.now() < until) {
    if ((await takesOurKey(place)) && child.alive()) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  if (child.alive()) return `not ready after ${readyLimitMs} ms; it said: ${child.output().trim()}`;
  const { code, signal, error } = await child.exited;
  return `it ended (${error?.message ?? signal ?? `code ${code}`}); it said: ${child.output().trim() || 'nothing'}`;
}

async function takesOurKey({ port, apiKey, apiSecret }: Place): Promise<boolean> {
  const token = new AccessToken(apiKey, apiSecret, { identity: 'readiness', ttl: 60 });
  token.addGrant({ roomList: true });
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/twirp/livekit.RoomService/ListRooms`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/json' },
      body: '{}',
      signal: AbortSignal.timeout(2000),
    });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}
