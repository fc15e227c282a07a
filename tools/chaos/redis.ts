import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BedServer, openServer, startSentinelBed } from '../../test/support/sentinel.ts';
import { atEnd } from '../lib/owned.ts';

/** Where the calls are kept. */
export interface CallsRedis {
  readonly url: string;
  readonly servers: readonly BedServer[];
  primary(): Promise<BedServer>;
  /** Resolves when it is as at the beginning, whoever is the primary. */
  whole(): Promise<void>;
  stop(): Promise<void>;
}

/** `sentinels`: a primary and two replicas under three sentinels; `one`: a server that is back when it is started again. */
export const redisKinds = ['sentinels', 'one'] as const;

export type RedisKind = (typeof redisKinds)[number];

export const startCallsRedis = (kind: RedisKind): Promise<CallsRedis> =>
  kind === 'sentinels' ? startSentinelBed() : startOne();

async function startOne(): Promise<CallsRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-chaos-redis-'));
  const remove = () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  const release = atEnd(remove);
  const server = await openServer(dir, { at: 0, isAlone: true });
  await server.start();
  return {
    url: `redis://127.0.0.1:${server.link.port}`,
    servers: [server],
    primary: async () => server,
    whole: async () => undefined,
    async stop() {
      await server.kill();
      server.link.close();
      remove();
      release();
    },
  };
}
