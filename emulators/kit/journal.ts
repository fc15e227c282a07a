/** One thing that happened at an emulator. */
export interface JournalEntry {
  /** Running number, from 0. */
  readonly n: number;
  /** Milliseconds since the epoch; never goes back, and comparable between processes of one machine. */
  readonly atMs: number;
  /** `<thing>.<what happened>`, such as `connection.opened`. */
  readonly type: string;
  readonly [detail: string]: unknown;
}

export interface Journal {
  note(type: string, details?: Readonly<Record<string, unknown>>): JournalEntry;
  /** What is still kept, oldest first; `since` is the `n` of the first one wanted, `type` a name to keep to. */
  entries(options?: { readonly since?: number; readonly type?: string }): JournalEntry[];
  /** The first kept or coming entry that matches. Rejects after `timeoutMs` (default 20,000) with the types seen. */
  waitFor(match: (entry: JournalEntry) => boolean, options?: { readonly timeoutMs?: number }): Promise<JournalEntry>;
  clear(): void;
}

const defaultLimit = 20_000;

/** Keeps the last `limit` entries (default 20,000); older ones are forgotten. */
export function createJournal({ limit = defaultLimit, now = monotonicEpochMs } = {}): Journal {
  const kept: JournalEntry[] = [];
  const watchers = new Set<(entry: JournalEntry) => void>();
  let next = 0;

  function note(type: string, details: Readonly<Record<string, unknown>> = {}): JournalEntry {
    const entry = { ...details, n: next, atMs: now(), type };
    next += 1;
    kept.push(entry);
    // Forgetting in bulk: shifting one at a time would copy the whole list on every note.
    if (kept.length > limit + 1000) kept.splice(0, kept.length - limit);
    for (const watcher of watchers) watcher(entry);
    return entry;
  }

  const entries = ({ since = 0, type }: { since?: number; type?: string } = {}) =>
    kept.slice(-limit).filter((entry) => entry.n >= since && (!type || entry.type === type));

  function waitFor(match: (entry: JournalEntry) => boolean, { timeoutMs = 20_000 } = {}): Promise<JournalEntry> {
    const found = entries().find(match);
    if (found) return Promise.resolve(found);
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        watchers.delete(watcher);
      };
      const watcher = (entry: JournalEntry) => {
        if (!match(entry)) return;
        end();
        resolve(entry);
      };
      const timer = setTimeout(() => {
        end();
        const seen = [...new Set(entries().map((entry) => entry.type))].join(', ');
        reject(new Error(`no such journal entry within ${timeoutMs} ms; seen: ${seen || 'nothing'}`));
      }, timeoutMs);
      watchers.add(watcher);
    });
  }

  return { note, entries, waitFor, clear: () => void kept.splice(0) };
}

const monotonicEpochMs = (): number => Math.round((performance.timeOrigin + performance.now()) * 100) / 100;
