import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../tools/services/redis.ts';

/** A redis-server for the tests of this `describe`. */
export function ownRedis() {
  let server: RunningRedis;
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());
  return {
    get url(): string {
      return server.url;
    },
    /** Two of a kind on it, as contract suites want them; nothing stays in it. */
    async twoOf<Side extends { close(): Promise<void> }>(open: (options: { readonly url: Secret }) => Promise<Side>) {
      const url = new Secret(server.url);
      const [here, there] = await Promise.all([open({ url }), open({ url })]);
      return {
        here,
        there,
        // Redis keeps its own time.
        pass: async (ms: number) => void (await delay(ms)),
        async close() {
          await Promise.all([here.close(), there.close()]);
          const redis = new Redis(server.url);
          await redis.flushall();
          redis.disconnect();
        },
      };
    },
  };
}
