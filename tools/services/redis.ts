import { randomBytes } from 'node:crypto';
import { createConnection } from 'node:net';
import { findOnPath } from '../lib/find-on-path.ts';
import { spawnOwned, type OwnedChild } from '../lib/owned.ts';
import { freeTcpPort } from '../lib/ports.ts';

const readyLimitMs = 20_000;
const tries = 5;

/** A redis-server of ours on 127.0.0.1, in memory only. */
export interface RunningRedis {
  /** `redis://127.0.0.1:port`. */
  readonly url: string;
  /** `127.0.0.1:port`, as livekit-server wants it. */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it at once and waits until it is gone. Idempotent. */
  stop(): Promise<void>;
  readonly exited: Promise<void>;
}

/** The `redis-server` on the PATH. */
export const findRedisServer = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  findOnPath('redis-server', env);

/**
 * Starts a server of our own and waits until it, and no other on that port, answers. `port` is for starting again where an
 * earlier one died. Rejects with its last words. It ends with this process, however that ends.
 */
export async function startRedis(
  options: { readonly command?: string; readonly port?: number } = {},
): Promise<RunningRedis> {
  const command = options.command ?? findRedisServer();
  if (!command) throw new Error('redis-server is missing: install it, on Debian by `apt-get install redis-server`');
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freeTcpPort());
    const mark = randomBytes(8).toString('hex');
    const child = spawnOwned(command, ['-'], { input: configOf(port, mark) });
    if (await becomesReady(child, port, mark)) return describe(child, port);
    await child.stop();
    if (options.port || attempt === tries)
      throw new Error(`redis-server did not start; it said: ${child.output().trim()}`);
  }
}

function describe(child: OwnedChild, port: number): RunningRedis {
  const address = `127.0.0.1:${port}`;
  return {
    url: `redis://${address}`,
    address,
    port,
    pid: child.pid,
    stop: () => child.stop(),
    exited: child.exited.then(() => undefined),
  };
}

/** No file is written, so that nothing stays behind. The mark tells our server from another on the port. */
const configOf = (port: number, mark: string): string =>
  [
    'bind 127.0.0.1',
    `port ${port}`,
    'save ""',
    'appendonly no',
    'daemonize no',
    `proc-title-template "{title} ${mark}"`,
  ]
    .map((line) => `${line}\n`)
    .join('');

async function becomesReady(child: OwnedChild, port: number, mark: string): Promise<boolean> {
  const until = Date.now() + readyLimitMs;
  while (child.alive() && Date.now() < until) {
    const answer = await ask(port, 'CONFIG GET proc-title-template\r\n');
    if (answer.includes(mark) && child.alive()) return true;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return false;
}

/** What the server answers first; nothing when it does not. */
function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1', timeout: 2000 }, () => socket.write(command));
    const end = (answer: string) => {
      resolve(answer);
      socket.destroy();
    };
    socket.once('data', (data) => end(data.toString()));
    socket.once('error', () => end(''));
    socket.once('timeout', () => end(''));
    socket.once('close', () => end(''));
  });
}
