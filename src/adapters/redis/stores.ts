import type { Clock } from '../../clock.ts';
import type { Stores } from '../../runtime/stores.ts';
import { type Asking, createAsking, troubleOf } from './asking.ts';
import { createRedisLog } from './call-log.ts';
import { createRedisStore } from './call-store.ts';
import { connected, createRedisClient, type RedisOptions, type Renewable, renewed, surely } from './client.ts';
import { createRedisDials } from './dial-store.ts';
import { createRedisEgresses } from './egress-store.ts';
import { createWakes } from './wakes.ts';

export interface RedisStoresOptions extends RedisOptions {
  readonly clock: Pick<Clock, 'now'>;
  /** How long the log of a call, and a recording's, are kept. */
  readonly keepMs: number;
}

/** Calls, logs, calls out and egresses of all processes that have this database of a Redis. While it is away all of it rejects at once. */
export async function openRedisStores({ clock, keepMs, ...options }: RedisStoresOptions): Promise<Stores & Renewable> {
  const redis = createRedisClient(options);
  const hearing = createRedisClient({ url: options.url });
  await Promise.all([connected(redis), connected(hearing)]);
  const ask = createAsking();
  const sure: Asking = (write) => ask(() => surely(redis, write));
  const mail = { redis, ask, sure, wakes: createWakes(hearing, 'mail') };
  return {
    store: createRedisStore(mail),
    dials: createRedisDials({ ...mail, clock }),
    log: createRedisLog({ redis, ask, sure, wakes: createWakes(hearing, 'log'), keepMs }),
    egresses: createRedisEgresses({ redis, ask, sure, keepMs }),
    trouble: () => troubleOf(redis),
    renew: async () => void (await Promise.all([redis, hearing].map(renewed))),
    async close() {
      await redis.quit().catch(() => undefined);
      redis.disconnect();
      hearing.disconnect();
    },
  };
}
