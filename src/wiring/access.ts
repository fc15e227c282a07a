import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createFileRecords } from '../adapters/files/records.ts';
import type { Clock } from '../clock.ts';
import { type ApiKeys, createApiKeys } from '../runtime/api-keys.ts';
import type { Records } from '../runtime/records.ts';
import { createTickets, type Tickets } from '../runtime/tickets.ts';

/** Who may come in, as the data folder has it. A command and the running instance read the same files. */
export interface Access {
  readonly keys: ApiKeys;
  readonly sessions: Tickets;
  /** Each logs in once. */
  readonly links: Tickets;
  readonly repeats: Records;
}

const sessionMs = 12 * 60 * 60_000;
const linkMs = 10 * 60_000;
const most = 1_000;
const mostOfKey = 20;

/** `damaged` is told of each key whose record cannot be read. */
export function openAccess(dataDir: string, clock: Clock, damaged: (keyId: string) => void = () => {}): Access {
  const records = (name: string): Records => createFileRecords({ dir: join(dataDir, name), clock });
  const draw = randomBytes;
  const keys = createApiKeys(records('api-keys'), clock, draw, damaged);
  const tickets = (name: string, lifeMs: number): Tickets =>
    createTickets({ records: records(name), clock, draw, lifeMs, most, mostOfKey, isGood: keys.isGood });
  return {
    keys,
    sessions: tickets('sessions', sessionMs),
    links: tickets('login-links', linkMs),
    repeats: records('repeats'),
  };
}
