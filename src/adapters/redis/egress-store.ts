import type { Redis } from 'ioredis';
import { egressListLimit } from '../../runtime/egress-store.ts';
import type { EgressRecord, EgressStore, KeptEgress } from '../../runtime/egress-store.ts';
import type { RedisPart } from './call-store.ts';
import * as scripts from './egress-scripts.ts';
import { keys } from './keys.ts';
import { createScript } from './script.ts';

/** The `EgressStore` of all processes that have this database of a Redis. `keepMs`: how long one stays that is over. */
export function createRedisEgresses({
  redis,
  ask,
  sure,
  keepMs,
}: Omit<RedisPart, 'wakes'> & { readonly keepMs: number }): EgressStore {
  const put = createScript(redis, scripts.put);
  const get = async (id: string): Promise<KeptEgress | undefined> => (await records(redis, [id]))[0];

  /** Newest first; those that were kept long enough are dropped from the index on the way. */
  async function list(limit: number, before: number | undefined): Promise<readonly KeptEgress[]> {
    const upTo = before === undefined ? '+inf' : `(${before}`;
    const ids = await redis.zrevrangebyscore(keys.egresses, upTo, '-inf', 'LIMIT', 0, limit);
    const found = await records(redis, ids);
    const gone = ids.filter((id) => !found.some((each) => each.id === id));
    if (gone.length > 0) await redis.zrem(keys.egresses, ...gone);
    return found;
  }

  return {
    put: (record) => sure(() => put(putKeys(record), putValues(record, keepMs)) as Promise<'stored' | 'taken'>),
    get: (id) => ask(() => get(id)),
    ofCall: (callKey) =>
      ask(async () => {
        const id = await redis.get(keys.egressOfCall(callKey));
        return id === null ? undefined : get(id);
      }),
    open: () => ask(async () => records(redis, await redis.zrange(keys.openEgresses, '0', '-1'))),
    list: ({ limit, before }) => ask(() => list(Math.min(limit, egressListLimit), before)),
  };
}

const putKeys = ({ id, callKey = '' }: EgressRecord): readonly string[] => [
  keys.egress(id),
  keys.egressOfCall(callKey),
  keys.egresses,
  keys.openEgresses,
  keys.position,
];

const putValues = (record: EgressRecord, keepMs: number): readonly (string | number)[] => [
  record.id,
  JSON.stringify(record),
  record.over ? 1 : 0,
  keepMs,
  record.callKey === undefined ? 0 : 1,
  keys.egress(''),
];

async function records(redis: Redis, ids: readonly string[]): Promise<KeptEgress[]> {
  if (ids.length === 0) return [];
  const asked = redis.pipeline();
  for (const id of ids) asked.hmget(keys.egress(id), 'record', 'position');
  const answers = (await asked.exec()) ?? [];
  return answers.flatMap(([error, fields]) => {
    if (error) throw error;
    const [text, position] = fields as (string | null)[];
    return text == null ? [] : [{ ...(JSON.parse(text) as EgressRecord), position: Number(position) }];
  });
}
