import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { eventsUrl, whoNow } from '../api.ts';

export type Connection = 'connecting' | 'open' | 'reconnecting' | 'over';

interface Follower {
  take(entries: readonly LogEntry[]): void;
  connected(connection: Connection): void;
}

const batchMs = 30;
const againMs = 1_500;

/**
 * Streams a call's entries from the first one on, some at a time. The browser comes again by itself after a lost
 * connection, naming the last entry it has; where it gives up (an answer that is an error) this comes again.
 */
export function followCall(callKey: string, { take, connected }: Follower): () => void {
  let source: EventSource | undefined;
  let timer = 0;
  let batch: LogEntry[] = [];
  let batching = 0;
  let seq = 0;
  const flush = () => {
    batching = 0;
    const entries = batch;
    batch = [];
    if (entries.length > 0) take(entries);
  };
  const open = () => {
    source = new EventSource(eventsUrl(callKey, seq));
    source.addEventListener('open', () => connected('open'));
    source.addEventListener('message', ({ data }: MessageEvent<string>) => {
      const entry = JSON.parse(data) as LogEntry;
      seq = entry.seq;
      batch.push(entry);
      batching ||= window.setTimeout(flush, batchMs);
    });
    source.addEventListener('end', () => {
      source?.close();
      flush();
      connected('over');
    });
    source.addEventListener('error', () => {
      connected('reconnecting');
      if (source?.readyState !== EventSource.CLOSED) return;
      // An event stream does not say why it was refused; this does, when it is for want of a session.
      void whoNow().catch(() => {});
      timer = window.setTimeout(open, againMs);
    });
  };
  open();
  return () => {
    source?.close();
    clearTimeout(timer);
    clearTimeout(batching);
  };
}
