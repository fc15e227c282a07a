import type { Context } from 'hono';
import type { Clock } from '../clock.ts';
import type { Security } from '../runtime/security/security.ts';
import type { AddressOf } from './client-address.ts';
import type { Problem } from './problem.ts';

/** Counts who was not believed at a door, by address. Whoever is believed is never asked about: a right key always passes. */
export interface Watchman {
  /** Somebody was not believed. Gives what they are to be told instead, when they are refused for a while. */
  disbelieved(signal: 'forged_webhook' | 'bad_key', context: Context): Problem | undefined;
}

interface WatchmanOptions {
  readonly security: Pick<Security, 'saw' | 'blockOf'>;
  readonly addressOf: AddressOf;
  readonly clock: Pick<Clock, 'now'>;
}

export const sourceBlocked = {
  status: 429,
  code: 'source_blocked',
  title: 'Too much came from this address that was not believed',
  fix: 'Come again later with a right key, which is believed at once',
  retryable: true,
} as const satisfies Problem;

export function createWatchman({ security, addressOf, clock }: WatchmanOptions): Watchman {
  return {
    disbelieved(signal, context) {
      const value = addressOf(context);
      if (value === undefined) return undefined;
      const source = { kind: 'ip', value } as const;
      // Who is refused already is counted no more: that it goes on is no news.
      if (!security.blockOf(source)) security.saw(signal, source);
      const block = security.blockOf(source);
      return block && { ...sourceBlocked, retryAfterSeconds: Math.ceil((block.until - clock.now()) / 1000) };
    },
  };
}
