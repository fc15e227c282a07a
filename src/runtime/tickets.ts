import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Draw } from './api-keys.ts';
import type { Records } from './records.ts';

/** A secret that stands for a key for a while: a session, or a link that logs in once. Only its hash is kept. */
export interface Tickets {
  /** `full`: there are too many. */
  issue(keyId: string): Promise<{ readonly secret: string; readonly expiresAt: number } | 'full'>;
  /** Id of the key it stands for, while it lives. */
  look(secret: string): Promise<string | undefined>;
  /** Like `look`, and ends it: of two at once one is told. */
  use(secret: string): Promise<string | undefined>;
}

interface TicketsOptions {
  readonly records: Records;
  readonly clock: Pick<Clock, 'now'>;
  readonly draw: Draw;
  readonly lifeMs: number;
  /** At once. */
  readonly most: number;
}

const nameOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export function createTickets({ records, clock, draw, lifeMs, most }: TicketsOptions): Tickets {
  const look = async (secret: string): Promise<string | undefined> => {
    const record = await records.get(nameOf(secret));
    return record && record.at + lifeMs > clock.now() ? record.text : undefined;
  };
  return {
    async issue(keyId) {
      const now = clock.now();
      if ((await records.sweep(now - lifeMs)) >= most) return 'full';
      const secret = draw(32).toString('base64url');
      await records.put(nameOf(secret), keyId);
      return { secret, expiresAt: now + lifeMs };
    },
    look,
    async use(secret) {
      const keyId = await look(secret);
      return (await records.remove(nameOf(secret))) ? keyId : undefined;
    },
  };
}
