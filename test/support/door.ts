import type { Hono } from 'hono';
import { createMemoryRecords } from '../../src/adapters/memory/records.ts';
import { systemClock } from '../../src/clock.ts';
import { apiRoutes } from '../../src/http/api.ts';
import type { RequestNote } from '../../src/http/door-log.ts';
import type { Guard } from '../../src/http/guard.ts';
import { createRepeats } from '../../src/http/idempotency.ts';
import type { Route } from '../../src/http/route.ts';
import type { Watchman } from '../../src/http/watchman.ts';
import type { Limits } from '../../src/runtime/limits.ts';

/** Lets everybody in, as an administrator: for tests of what lies behind the door. */
const open: Guard = { identify: async () => ({ id: 'test', name: 'test', role: 'admin' }) };

interface DoorOptions {
  readonly guard?: Guard;
  readonly limits?: Limits;
  readonly watchman?: Watchman;
  readonly publicUrl?: string;
  readonly failed?: (error: unknown) => void;
  readonly note?: (note: RequestNote) => void;
}

/** The operators' door over some routes. Requests need a `Host` of this machine. */
export function doorOf(routes: readonly Route[], options: DoorOptions = {}): Hono {
  const repeats = createRepeats(createMemoryRecords(systemClock), systemClock);
  return apiRoutes({ routes, guard: open, repeats, limits: () => undefined, ...options });
}
