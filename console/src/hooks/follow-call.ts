import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { eventsUrl } from '../api.ts';
import { type Connection, openStream } from './open-stream.ts';

interface Follower {
  take(entries: readonly LogEntry[]): void;
  connected(connection: Connection): void;
}

const batchMs = 30;

/** Streams a call's entries from the first one on, some at a time; after a lost connection from the last entry it has. */
export function followCall(callKey: string, { take, connected }: Follower): () => void {
  let batch: LogEntry[] = [];
  let batching = 0;
  let seq = 0;
  const flush = () => {
    batching = 0;
    const entries = batch;
    batch = [];
    if (entries.length > 0) take(entries);
  };
  const close = openStream(() => eventsUrl(callKey, seq), {
    message(data) {
      const entry = JSON.parse(data) as LogEntry;
      seq = entry.seq;
      batch.push(entry);
      batching ||= window.setTimeout(flush, batchMs);
    },
    connected(connection) {
      if (connection === 'over') flush();
      connected(connection);
    },
  });
  return () => {
    close();
    clearTimeout(batching);
  };
}
