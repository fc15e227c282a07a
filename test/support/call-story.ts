import type { LogEntry } from '../../src/runtime/call-log.ts';
import type { Calls } from '../../src/runtime/calls.ts';
import { type CallStory, conversationStates, createStory } from '../../tools/demo/record.ts';

/** A call's log as it is written, from its first entry on. */
export interface FollowedCall {
  entries(): readonly LogEntry[];
  story(): CallStory;
  /** States of the conversation in which the call is now. */
  states(): readonly string[];
  /** The first entry, past or to come, that fits. Rejects with the call so far when none comes in time or the call ends. */
  until(fits: (entry: LogEntry, story: CallStory) => boolean, limitMs?: number): Promise<LogEntry>;
  /** The call so far, for a person. */
  tell(): string;
  /** Stops following. */
  stop(): Promise<void>;
}

const patienceMs = 30_000;

export function followCall(calls: Pick<Calls, 'entries'>, callKey: string): FollowedCall {
  const stopping = new AbortController();
  const entries: LogEntry[] = [];
  const waiting = new Set<() => void>();
  const { take, story } = createStory();
  let states: readonly string[] = [];
  let over = false;

  async function follow(): Promise<void> {
    for await (const entry of calls.entries(callKey, { after: 0, signal: stopping.signal })) {
      entries.push(entry);
      take(entry);
      if (entry.kind === 'state' && entry.data.machine === 'call') states = conversationStates(entry.data.value);
      for (const wake of waiting) wake();
    }
    over = true;
    for (const wake of waiting) wake();
  }
  const following = follow();

  const tell = () => entries.map(lineFor).filter(Boolean).join('\n');

  const missing = (when: string) => new Error(`the call had no such entry ${when}:\n${tell()}`);

  function until(fits: (entry: LogEntry, story: CallStory) => boolean, limitMs = patienceMs): Promise<LogEntry> {
    let next = 0;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(() => reject(missing(`within ${limitMs} ms`))), limitMs);
      const end = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(look);
        settle();
      };
      const look = () => {
        try {
          for (; next < entries.length; next += 1) {
            const entry = entries[next]!;
            if (fits(entry, story())) return end(() => resolve(entry));
          }
          if (over) end(() => reject(missing('before its end')));
        } catch (error) {
          end(() => reject(error));
        }
      };
      waiting.add(look);
      look();
    });
  }

  return {
    entries: () => entries,
    story,
    states: () => states,
    until,
    tell,
    async stop() {
      stopping.abort();
      await following;
    },
  };
}

/** A line for each entry that a reader of a failed test needs. */
function lineFor(entry: LogEntry): string | undefined {
  const at = new Date(entry.at).toISOString().slice(14, 23);
  if (entry.kind === 'state')
    return `${at} ${entry.data.machine}: ${JSON.stringify(entry.data.value)} by ${String(entry.data['by'])}`;
  if (entry.kind === 'line')
    return `${at} ${entry.data.who} ${entry.data.turn}: ${entry.pii.text} | ${entry.pii.unheard ?? ''}`;
  if (entry.kind === 'call') return `${at} call ${JSON.stringify(entry.data)}`;
  if (entry.kind === 'event' && entry.data.type === 'playback.heard') return undefined;
  if (entry.kind === 'event')
    return `${at}   ${entry.data.to} < ${entry.data.type} ${JSON.stringify({ ...entry.data, ...entry.pii, to: undefined, type: undefined })}`;
  return `${at} turn ${JSON.stringify(entry.data)}`;
}

/** Picks entries by which the conversation comes into this state. */
export const entersState = (name: string) => {
  let inside = false;
  return (entry: LogEntry): boolean => {
    if (entry.kind !== 'state' || entry.data.machine !== 'call') return false;
    const before = inside;
    inside = conversationStates(entry.data.value).includes(name);
    return inside && !before;
  };
};

/** Picks the entry of an event that reached a machine. */
export const isEvent =
  (type: string) =>
  (entry: LogEntry): boolean =>
    entry.kind === 'event' && entry.data.type === type;

/** Picks lines of the transcript whose text fits. */
export const isLine =
  (who: 'agent' | 'caller' | 'tool', text: RegExp) =>
  (entry: LogEntry): boolean =>
    entry.kind === 'line' && entry.data.who === who && !entry.data['removed'] && text.test(entry.pii.text);

/** Picks the end of the call. */
export const isEnd = (entry: LogEntry): boolean => entry.kind === 'call' && entry.data.what === 'ended';
