import { randomBytes } from 'node:crypto';
import { createMemoryRecords } from '../../src/adapters/memory/records.ts';
import type { Clock } from '../../src/clock.ts';
import { createApiKeys } from '../../src/runtime/api-keys.ts';
import { createTickets } from '../../src/runtime/tickets.ts';
import type { Access } from '../../src/wiring/access.ts';

/** Keys, sessions and links in memory. */
export function memoryAccess(clock: Clock): Access {
  const draw = randomBytes;
  const keys = createApiKeys(createMemoryRecords(clock), clock, draw, () => {});
  const rules = { clock, draw, most: 5, mostOfKey: 3, isGood: keys.isGood };
  const tickets = (lifeMs: number) => createTickets({ ...rules, records: createMemoryRecords(clock), lifeMs });
  return {
    keys,
    sessions: tickets(3_600_000),
    links: tickets(60_000),
    repeats: createMemoryRecords(clock),
  };
}
