import type { Redis } from 'ioredis';

/** Lets time pass for all that calls keep in a Redis: what would have expired is gone, what tells when is so much older. */
export async function passInRedis(redis: Redis, ms: number): Promise<void> {
  for (const key of await redis.keys('voicechart:*')) {
    // oxlint-disable-next-line no-await-in-loop
    await age(redis, key, ms);
  }
}

async function age(redis: Redis, key: string, ms: number): Promise<void> {
  const left = await redis.pttl(key);
  if (left >= 0 && left <= ms + 1) return void (await redis.del(key));
  if (left > 0) await redis.pexpire(key, left - ms);
  if (key.startsWith('voicechart:call:')) {
    const [since, until] = await redis.hmget(key, 'since', 'until');
    if (since && until) await redis.hset(key, 'since', Number(since) - ms, 'until', Number(until) - ms);
  }
  if (!key.startsWith('voicechart:seen:')) return;
  for (const id of await redis.zrange(key, '0', '-1')) {
    // oxlint-disable-next-line no-await-in-loop
    await redis.zincrby(key, -ms * 1000, id);
  }
}
