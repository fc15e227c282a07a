import { spawnOwned, type OwnedChild } from '../lib/owned.ts';
import { freeTcpPort, freeUdpPort } from '../lib/ports.ts';

const readyLimitMs = 20_000;
const tries = 5;
const mediaPorts = 400;

/** A livekit-sip of ours beside a livekit-server and on its Redis, SIP and sound on 127.0.0.1. */
export interface RunningGateway {
  readonly sipPort: number;
  readonly pid: number;
  /** Kills it at once: its calls are not ended. */
  stop(): Promise<void>;
}

interface GatewayOptions {
  /** The program: `LIVEKIT_SIP_BIN`. */
  readonly command: string;
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  /** `host:port`. */
  readonly redisAddress: string;
}

/** Waits until it says that it takes calls. Rejects with its last words. It ends with this process, however that ends. */
export async function startLivekitSip(options: GatewayOptions): Promise<RunningGateway> {
  for (let attempt = 1; ; attempt += 1) {
    const [sipPort, mediaPort] = await Promise.all([freeTcpPort(), freeUdpPort()]);
    const { child, ready } = launch(options, configOf(options, sipPort, Math.min(mediaPort, 65_535 - mediaPorts)));
    const problem = await ready;
    if (!problem) return { sipPort, pid: child.pid, stop: () => child.stop() };
    await child.stop();
    if (attempt === tries) throw new Error(`${options.command} did not start: ${problem}`);
  }
}

/** The configuration, with its key, travels in the environment and is in no command line. */
function launch({ command }: GatewayOptions, config: string) {
  const { promise: said, resolve } = Promise.withResolvers<void>();
  let output = '';
  const child = spawnOwned(command, [], {
    env: { ...process.env, SIP_CONFIG_BODY: config },
    onOutput(text) {
      output = (output + text).slice(-1000);
      if (output.includes('service ready')) resolve();
    },
  });
  return { child, ready: readiness(child, said) };
}

async function readiness(child: OwnedChild, said: Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not ready after ${readyLimitMs} ms; it said: ${child.output()}`), readyLimitMs);
  });
  const over = child.exited.then(({ error, signal, code }) => {
    return `it ended (${error?.message ?? signal ?? `code ${code}`}); it said: ${child.output().trim() || 'nothing'}`;
  });
  const problem = await Promise.race([said.then(() => undefined), over, late]);
  clearTimeout(timer);
  return problem;
}

/** JSON is YAML. Its readiness is said at level debug. A busy neighbour must not make it refuse calls. */
const configOf = ({ livekit, redisAddress }: GatewayOptions, sipPort: number, mediaPort: number): string =>
  JSON.stringify({
    api_key: livekit.apiKey,
    api_secret: livekit.apiSecret,
    ws_url: livekit.url,
    redis: { address: redisAddress },
    sip_port: sipPort,
    rtp_port: `${mediaPort}-${mediaPort + mediaPorts}`,
    listen_ip: '127.0.0.1',
    nat_1_to_1_ip: '127.0.0.1',
    max_cpu_utilization: 1,
    logging: { level: 'debug', json: true },
  });
