import { createInProcessQueue } from '../adapters/memory/call-queue.ts';
import { openRedisQueue } from '../adapters/redis/call-queue.ts';
import { openRedisStores } from '../adapters/redis/stores.ts';
import { openSqlite } from '../adapters/sqlite/stores.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { CallQueue } from '../runtime/call-queue.ts';
import type { CallStore } from '../runtime/call-store.ts';
import type { Connections } from '../runtime/connections.ts';
import type { Logger } from '../runtime/log.ts';
import type { Stores } from '../runtime/stores.ts';

export interface StoresOptions {
  readonly config: Pick<Config, 'dataDir' | 'keepCallsMs'>;
  readonly secrets: Pick<Secrets, 'redisUrl'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export type OpenedStores = Stores & { readonly connections: readonly Connections[] };

/** With `REDIS_URL` calls live in Redis, for any number of processes; else in a file of `DATA_DIR`, for this process alone. */
export async function openStores({ config, secrets, clock, log }: StoresOptions): Promise<OpenedStores> {
  const keepMs = config.keepCallsMs;
  if (!secrets.redisUrl) return { ...(await openSqlite({ dir: config.dataDir, clock, keepMs })), connections: [] };
  const note = (news: 'lost' | 'back') => notes[news](log);
  const stores = await openRedisStores({ url: secrets.redisUrl, clock, keepMs, note });
  const renew = async (): Promise<undefined> => void (await stores.renew());
  return { ...stores, connections: [{ to: ['redis'], what: 'the connections of calls to Redis', renew }] };
}

/** With `REDIS_URL` any process may run a call; else this one. */
export async function openQueue(
  { secrets: { redisUrl: url }, clock }: Pick<StoresOptions, 'secrets' | 'clock'>,
  store: CallStore,
): Promise<CallQueue & { close(): Promise<void> }> {
  if (url) return openRedisQueue({ url, store, clock });
  return { ...createInProcessQueue({ store, clock }), close: async () => undefined };
}

const notes = {
  lost: (log: Logger) =>
    log.error({ code: 'store.lost' }, 'REDIS_URL cannot be reached: calls go on, and no new one is taken until it can'),
  back: (log: Logger) => log.info({ code: 'store.back' }, 'REDIS_URL can be reached again: calls are saved there'),
};
