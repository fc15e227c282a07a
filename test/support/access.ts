import { randomBytes } from 'node:crypto';
import { createMemoryRecords } from '../../src/adapters/memory/records.ts';
import type { Clock } from '../../src/clock.ts';
import { createApiKeys } from '../../src/runtime/api-keys.ts';
import { createTickets } from '../../src/runtime/tickets.ts';
import type { Access } from '../../src/wiring/access.ts';

/** Keys, sessions and links in memory. */
export function memoryAccess(clock: Clock): Access {
  const draw = randomBytes;
  const tickets = (lifeMs: number, most: number) =>
    createTickets({ records: createMemoryRecords(clock), clock, draw, lifeMs, most });
  return {
    keys: createApiKeys(createMemoryRecords(clock), clock, draw),
    sessions: tickets(3_600_000, 5),
    links: tickets(60_000, 5),
    repeats: createMemoryRecords(clock),
  };
}
