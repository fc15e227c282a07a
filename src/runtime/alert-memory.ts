import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Incident } from './alert-book.ts';
import { alertKinds, severities } from './alerts.ts';
import { pause } from './pause.ts';
import type { Records } from './records.ts';
import { createSingleFlight } from './single-flight.ts';

/** Keeps what goes on across a restart: its end is told then, and what was told is not told anew. */
export interface AlertMemory {
  /** What an earlier process left; nothing where that cannot be read. */
  readonly before: readonly Incident[];
  /** Soon, and never waits. */
  keep(incidents: readonly Incident[]): void;
  /** Resolves when the last that was to be kept is, or cannot be. */
  close(): Promise<void>;
}

interface MemoryOptions {
  readonly records: Pick<Records, 'get' | 'put'>;
  readonly clock: Clock;
  readonly trouble: (error: unknown) => void;
}

const recordName = 'incidents';
const keepEveryMs = 1_000;
/** Newer ones; about 700 bytes each. */
const mostKept = 500;

export async function openAlertMemory({ records, clock, trouble }: MemoryOptions): Promise<AlertMemory> {
  const closing = new AbortController();
  let newest: readonly Incident[] = [];
  const troubled = (error: unknown): false => (trouble(error), false);
  const put = async () => records.put(recordName, JSON.stringify(newest.slice(-mostKept))).then(() => true, troubled);
  const writing = createSingleFlight(put, () => pause(clock, keepEveryMs, closing.signal));
  return {
    before: await readBefore(records).catch((error: unknown) => (trouble(error), [])),
    keep(incidents) {
      newest = incidents;
      writing.ask();
    },
    async close() {
      closing.abort();
      await writing.done();
    },
  };
}

async function readBefore(records: Pick<Records, 'get'>): Promise<readonly Incident[]> {
  const kept = await records.get(recordName);
  return kept === undefined ? [] : (shape.parse(JSON.parse(kept.text)) as readonly Incident[]);
}

const state = z.enum(['open', 'resolved']);
const severity = z.enum(severities);
const moment = z.int().min(0);
const shape = z.array(
  z.object({
    kind: z.enum(alertKinds),
    target: z.string(),
    severity,
    summary: z.string(),
    facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    id: z.string(),
    position: z.int(),
    state,
    count: z.int(),
    openedAt: moment,
    lastAt: moment,
    resolvedAt: moment.optional(),
    told: z.object({ state, count: z.int(), at: moment, firingAt: moment, severity }).optional(),
  }),
);
