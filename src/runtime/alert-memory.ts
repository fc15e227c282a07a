import { z } from 'zod';
import type { Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import type { Incident } from './alert-book.ts';
import { alertKinds, severities } from './alerts.ts';
import { createKeeper } from './keeper.ts';
import type { Records } from './records.ts';

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
const spacedMs = 1_000;
const retryMs = [5_000, 60_000];
/** Newer ones; about 700 bytes each. */
const mostKept = 500;

export async function openAlertMemory({ records, clock, trouble }: MemoryOptions): Promise<AlertMemory> {
  let newest: readonly Incident[] = [];
  let written = newest;
  let writing: Promise<Kept> = Promise.resolve('kept');

  async function put(): Promise<Kept> {
    const incidents = newest;
    try {
      await records.put(recordName, JSON.stringify(incidents.slice(-mostKept)));
      written = incidents;
      return 'kept';
    } catch (error) {
      trouble(error);
      return 'failed';
    }
  }
  const write = (): Promise<Kept> => (writing = writing.then(put));
  const keeper = createKeeper({ write, clock, spacedMs, retryMs });
  return {
    before: await readBefore(records).catch((error: unknown) => (trouble(error), [])),
    keep(incidents) {
      newest = incidents;
      keeper.ask();
    },
    async close() {
      keeper.stop();
      await writing;
      if (newest !== written) await write();
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
