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
  /** At once; and of one key, whose oldest gives way. */
  readonly most: number;
  readonly mostOfKey: number;
  /** Those of a key that is no longer good take no place. */
  readonly isGood: (keyId: string) => Promise<boolean>;
}

interface Ticket {
  readonly name: string;
  readonly keyId: string;
  readonly at: number;
}

const nameOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export function createTickets({ records, clock, draw, lifeMs, most, mostOfKey, isGood }: TicketsOptions): Tickets {
  const look = async (secret: string): Promise<string | undefined> => {
    const record = await records.get(nameOf(secret));
    return record && record.at + lifeMs > clock.now() ? record.text : undefined;
  };
  const remove = (some: readonly Ticket[]) => Promise.all(some.map(({ name }) => records.remove(name)));

  async function all(): Promise<readonly Ticket[]> {
    const found = (await records.names()).map(async (name) => ({ name, record: await records.get(name) }));
    return (await Promise.all(found)).flatMap(({ name, record }) =>
      record ? [{ name, keyId: record.text, at: record.at }] : [],
    );
  }

  /** Of what is there, what stays when one of this key is issued. */
  async function makeRoom(keyId: string): Promise<number> {
    const there = await all();
    const mine = there.filter((each) => each.keyId === keyId).toSorted((one, other) => one.at - other.at);
    const over = mine.slice(0, Math.max(0, mine.length - mostOfKey + 1));
    await remove(over);
    const left = there.length - over.length;
    return left < most ? left : left - (await removeDead(there));
  }

  async function removeDead(there: readonly Ticket[]): Promise<number> {
    const ids = [...new Set(there.map(({ keyId }) => keyId))];
    const good = new Map(await Promise.all(ids.map(async (id) => [id, await isGood(id)] as const)));
    const removed = await remove(there.filter(({ keyId }) => good.get(keyId) === false));
    return removed.filter(Boolean).length;
  }

  return {
    async issue(keyId) {
      const now = clock.now();
      await records.sweep(now - lifeMs);
      if ((await makeRoom(keyId)) >= most) return 'full';
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
