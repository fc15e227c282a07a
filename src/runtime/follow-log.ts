import { type Bell, createBell } from './bell.ts';
import type { CallLog, LogEntry } from './call-log.ts';

const isEnd = (entry: LogEntry): boolean => entry.kind === 'call' && entry.data.what === 'ended';

/**
 * Log entries after a number: those that are there, then new ones as they are stored. Pulled page by page, so that a slow
 * reader holds up nobody and nothing piles up. Ends after the entry that ends the call, or when `signal` aborts.
 */
export async function* followLog(
  log: CallLog,
  callKey: string,
  options: { readonly after: number; readonly signal: AbortSignal },
): AsyncGenerator<LogEntry, void, undefined> {
  const bell = createBell(options.signal);
  const unwatch = log.watch(callKey, bell.ring);
  try {
    yield* pages(log, callKey, options, bell);
  } finally {
    unwatch();
    bell.release();
  }
}

async function* pages(
  log: CallLog,
  callKey: string,
  { after, signal }: { readonly after: number; readonly signal: AbortSignal },
  bell: Bell,
): AsyncGenerator<LogEntry, void, undefined> {
  let last = after;
  let ended = (await log.summary(callKey))?.endedAt !== undefined;
  while (!signal.aborted) {
    bell.reset();
    const page = await log.read(callKey, { after: last });
    for (const entry of page) {
      if (signal.aborted) return;
      last = entry.seq;
      ended ||= isEnd(entry);
      yield entry;
    }
    if (page.length === 0 && ended) return;
    if (page.length === 0) await bell.rung();
  }
}
