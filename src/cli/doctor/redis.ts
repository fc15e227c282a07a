import { pingRedis } from '../../adapters/redis/ping.ts';
import { systemClock } from '../../clock.ts';
import type { Secret } from '../../secret.ts';
import { type Checking, toKnow, toMend, well } from './finding.ts';

const check = 'redis';

/** One instance needs none; one that is set and does not answer keeps tokens from being issued. */
export async function checkRedis(url: Secret | undefined, { tell, signal }: Checking): Promise<void> {
  if (!url)
    return tell(toKnow(check, 'REDIS_URL is not set: one process only; calls survive its restart, not its machine'));
  const { host } = new URL(url.reveal());
  const came = await pingRedis(url, { clock: systemClock, signal });
  if ('version' in came) return tell(well(check, `${host} answers: ${came.version}`));
  if (came.class === 'auth')
    return tell(toMend(check, `${host} refuses us: ${came.message}`, 'export REDIS_URL=redis://:PASSWORD@host:6379'));
  return tell(toMend(check, `${host} is not reachable: ${came.message}`, 'start it, or unset REDIS_URL'));
}
