import { createMemoryTokenRegister } from '../adapters/memory/token-register.ts';
import { openRedisAlone } from '../adapters/redis/alone.ts';
import { openRedisTokenRegister } from '../adapters/redis/token-register.ts';
import type { Clock } from '../clock.ts';
import type { Secrets } from '../config.ts';
import { type Alone, onlyInstance } from '../runtime/alone.ts';
import type { Connections } from '../runtime/connections.ts';
import type { Logger } from '../runtime/log.ts';
import type { TokenRegister } from '../runtime/token-register.ts';

/** What instances know and do together: by Redis, or this one by itself. */
export interface Together {
  readonly register: TokenRegister;
  readonly alone: Alone;
  readonly connections: readonly Connections[];
  close(): Promise<void>;
}

export async function openTogether({ redisUrl: url }: Secrets, clock: Clock, log: Logger): Promise<Together> {
  if (!url) {
    log.info(
      { code: 'instance.alone' },
      'REDIS_URL is not set: that a token was revoked is known to this process alone, until it ends',
    );
    const register = createMemoryTokenRegister(clock);
    return { register, alone: onlyInstance, connections: [], close: register.close };
  }
  const [register, alone] = await Promise.all([
    openRedisTokenRegister({ url, note: (news) => notes[news](log) }),
    openRedisAlone({ url, clock }),
  ]);
  const both = [register, alone];
  return {
    register,
    alone,
    connections: [
      {
        to: ['redis'],
        what: 'connections to Redis',
        renew: async () => void (await Promise.all(both.map((each) => each.renew()))),
      },
    ],
    close: async () => void (await Promise.all(both.map((each) => each.close()))),
  };
}

const notes = {
  lost: (log: Logger) =>
    log.error(
      { code: 'redis.lost' },
      'REDIS_URL cannot be reached: no token is issued, renewed or called valid until it can',
    ),
  back: (log: Logger) => log.info({ code: 'redis.back' }, 'REDIS_URL can be reached again'),
};
