import type { Probe } from '../../actors/probe.ts';
import type { Clock } from '../../clock.ts';
import type { Secret } from '../../secret.ts';
import { pingRedis } from '../redis/ping.ts';
import { createProbe } from './probe.ts';

/** PING over a connection of its own; what counts is how long the PING took. */
export const redisProbe = (url: Secret, clock: Clock): Probe =>
  createProbe({
    target: 'redis',
    operation: 'PING',
    vendor: 'redis',
    clock,
    secrets: [url],
    async ask(signal) {
      const came = await pingRedis(url, { clock, signal });
      return 'version' in came ? { tookMs: came.tookMs } : { failure: came };
    },
  });
