import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { atEnd, type OwnedChild, spawnOwned } from '../../tools/lib/owned.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { findRedisServer } from '../../tools/services/redis.ts';
import { openRedisLink, type RedisLink } from './redis-link.ts';

const name = 'calls';
const readyWithinMs = 30_000;

/** A Redis with two replicas under three sentinels, each reached over a link of its own. */
export interface SentinelBed {
  /** `redis+sentinel://…`. */
  readonly url: string;
  /** The server that is the primary by the sentinels' word. */
  primary(): Promise<BedServer>;
  readonly servers: readonly BedServer[];
  /** Resolves when there is a primary that two replicas follow. */
  whole(): Promise<void>;
  /** Every server, at once. */
  killAll(): Promise<void>;
  startAll(): Promise<void>;
  stop(): Promise<void>;
}

export interface BedServer {
  readonly link: RedisLink;
  kill(): Promise<void>;
  /** Unless it runs. */
  start(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Takes no writes, for its memory is full; or does again. */
  full(isFull: boolean): Promise<void>;
  /** Past its link. */
  ask<Answer>(question: (redis: Redis) => Promise<Answer>): Promise<Answer>;
}

/** As docs/durability.md says that a server is to be set up. */
const settings = [
  'port 0',
  'appendonly yes',
  'appendfsync everysec',
  'save ""',
  'maxmemory-policy noeviction',
  'repl-diskless-sync yes',
  'repl-diskless-sync-delay 0',
  'replica-announce-ip 127.0.0.1',
];
const amongOthers = ['min-replicas-to-write 1', 'min-replicas-max-lag 2'];

interface ServerPlace {
  /** Which of the servers of this folder it is. */
  readonly at: number;
  /** Of the primary that it follows. */
  readonly primaryPort?: number;
  /** Nobody follows it. */
  readonly isAlone?: boolean;
}

/** What it has is in `dir`, so that it is there again when it is started again. */
export async function openServer(dir: string, { at, primaryPort, isAlone }: ServerPlace): Promise<BedServer> {
  const socketPath = join(dir, `redis-${at}.sock`);
  const link = await openRedisLink(socketPath);
  const file = join(dir, `redis-${at}.conf`);
  const lines = [
    ...settings,
    ...(isAlone ? [] : amongOthers),
    `unixsocket ${socketPath}`,
    `dir ${dir}`,
    `appenddirname aof-${at}`,
    `dbfilename dump-${at}.rdb`,
    `replica-announce-port ${link.port}`,
    ...(primaryPort === undefined ? [] : [`replicaof 127.0.0.1 ${primaryPort}`]),
  ];
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  let child: OwnedChild | undefined;
  const signal = (word: NodeJS.Signals) => void (child && process.kill(child.pid, word));
  const ask: BedServer['ask'] = async (question) => {
    const redis = new Redis({ path: socketPath, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  };
  return {
    link,
    ask,
    kill: async () => child?.stop(),
    async start() {
      if (child?.alive()) return;
      child = spawnOwned(findRedisServer()!, [file]);
      await until(() => ask(async (redis) => (await redis.ping()) === 'PONG'));
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    full: (isFull) => ask(async (redis) => void (await redis.config('SET', 'maxmemory', isFull ? 1 : 0))),
  };
}

async function openSentinel(dir: string, at: number, primaryPort: number) {
  const port = await freeTcpPort();
  const file = join(dir, `sentinel-${at}.conf`);
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${dir}`,
    `sentinel monitor ${name} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 3000`,
    `sentinel parallel-syncs ${name} 2`,
  ];
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  const child = spawnOwned('redis-sentinel', [file]);
  const client = new Redis({ host: '127.0.0.1', port, maxRetriesPerRequest: null, replyMapping: 'legacy' });
  client.on('error', () => undefined);
  return { port, child, client };
}

export async function startSentinelBed(): Promise<SentinelBed> {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-sentinel-'));
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  const release = atEnd(remove);
  const first = await openServer(dir, { at: 0 });
  const replica = (at: number) => openServer(dir, { at, primaryPort: first.link.port });
  const servers = [first, await replica(1), await replica(2)];
  const startAll = async () => void (await Promise.all(servers.map((server) => server.start())));
  await startAll();
  await until(() => hasReplicas(first));
  const sentinels = await Promise.all([0, 1, 2].map((at) => openSentinel(dir, at, first.link.port)));
  const primary = async () => {
    const [, port] = (await sentinels[0]!.client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name)) as [string, string];
    return servers.find(({ link }) => link.port === Number(port))!;
  };
  const knowAll = async () => {
    const known = await Promise.all(
      sentinels.map(({ client }) => client.call('SENTINEL', 'MASTER', name) as Promise<string[]>),
    );
    return known.every((facts) => factOf(facts, 'num-slaves') === '2' && factOf(facts, 'num-other-sentinels') === '2');
  };
  await until(knowAll);
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join()}/${name}`,
    primary,
    servers,
    whole: () => until(async () => hasReplicas(await primary())),
    killAll: async () => void (await Promise.all(servers.map((server) => server.kill()))),
    startAll,
    async stop() {
      for (const { client } of sentinels) client.disconnect();
      await Promise.all(sentinels.map(({ child }) => child.stop()));
      await Promise.all(servers.map((server) => server.kill()));
      for (const { link } of servers) link.close();
      remove();
      release();
    },
  };
}

const hasReplicas = ({ ask }: BedServer) =>
  ask(async (redis) => ((await redis.info('replication')).match(/state=online/g) ?? []).length === 2);

const factOf = (facts: readonly string[], fact: string): string | undefined => facts[facts.indexOf(fact) + 1];

/** Servers say nothing when they are ready: they are asked. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const untilMs = performance.now() + readyWithinMs; performance.now() < untilMs;) {
    // oxlint-disable-next-line no-await-in-loop
    if (await isSo().catch(() => false)) return;
    // oxlint-disable-next-line no-await-in-loop
    await delay(25);
  }
  throw new Error('the servers were not ready in time');
}
