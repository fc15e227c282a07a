import { pingRedis, type RedisPong } from '../../adapters/redis/ping.ts';
import { systemClock } from '../../clock.ts';
import { readRedisUrl, showAddress } from '../../config.ts';
import type { Secret } from '../../secret.ts';
import { type Checking, toKnow, toMend, well } from './finding.ts';

const check = 'redis';

/** One instance needs none; one that is set and does not answer takes no calls and issues no tokens. */
export async function checkRedis(url: Secret | undefined, { tell, signal }: Checking): Promise<void> {
  if (!url)
    return tell(toKnow(check, 'REDIS_URL is not set: one process only; calls survive its restart, not its machine'));
  const name = nameOf(url);
  const came = await pingRedis(url, { clock: systemClock, signal });
  if ('version' in came) return tell(judged(name, came, name.startsWith('the primary')));
  if (came.class === 'auth')
    return tell(toMend(check, `${name} refuses us: ${came.message}`, 'export REDIS_URL=redis://:PASSWORD@host:6379'));
  return tell(toMend(check, `${name} is not reachable: ${came.message}`, 'start it, or unset REDIS_URL'));
}

function judged(name: string, { version, evicts, keeps, replicas }: RedisPong, isWatched: boolean) {
  const answers = `${name} answers: ${version}`;
  if (evicts)
    return toMend(check, `${answers}; it forgets calls when full`, 'redis-cli config set maxmemory-policy noeviction');
  if (isWatched && replicas === 0)
    return toMend(check, `${answers}; no replica follows it, so no call can be claimed`, 'start a replica');
  if (!keeps) return toKnow(check, `${answers}; it keeps nothing on disk`, 'redis-cli config set appendonly yes');
  return well(check, answers);
}

function nameOf(url: Secret): string {
  const place = readRedisUrl(url.reveal());
  if (!place) return 'REDIS_URL';
  if (place.kind === 'server') return showAddress(place.address);
  return `the primary ${place.name} (by ${place.sentinels.map(showAddress).join(', ')})`;
}
