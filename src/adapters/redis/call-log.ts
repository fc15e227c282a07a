import { randomBytes } from 'node:crypto';
import { callsLimit, emptySummary, readLimit, summarize } from '../../runtime/call-log.ts';
import type { CallLog, CallSummary, LogDraft, LogEntry } from '../../runtime/call-log.ts';
import { StoreUnavailable } from '../../runtime/call-store.ts';
import * as scripts from './call-log-scripts.ts';
import type { RedisPart } from './call-store.ts';
import { keys } from './keys.ts';
import { createScript } from './script.ts';

const mostTries = 20;
const mostRemembered = 2_000;

/** The `CallLog` of all processes that have this database of a Redis. `keepMs`: how long a call's log stays after its last entry. */
export function createRedisLog({ redis, ask, sure, wakes, keepMs }: RedisPart & { readonly keepMs: number }): CallLog {
  const append = createScript(redis, scripts.append);
  /** As it stood after the last entry that this process knows of; another one may have written since. */
  const summaries = new Map<string, CallSummary>();
  /** Of what could not be said whether it was written: told by it when it comes again. */
  const marks = new WeakMap<readonly LogDraft[], string>();

  function remember(callKey: string, summary: CallSummary | undefined): void {
    summaries.delete(callKey);
    if (summary === undefined || summary.endedAt !== undefined) return;
    const [oldest] = summaries.keys();
    if (summaries.size >= mostRemembered && oldest !== undefined) summaries.delete(oldest);
    summaries.set(callKey, summary);
  }
  async function tryOnce(callKey: string, epoch: number, drafts: readonly LogDraft[], mark: string) {
    const known = summaries.get(callKey) ?? emptySummary(callKey, drafts[0]!.at);
    const { summary, entries } = numbered(known, drafts);
    const values = [callKey, epoch, known.seq, mark, JSON.stringify(summary), keepMs, wakes.channel(callKey), wakes.by];
    const [answer, text] = (await sure(() => append(logKeys(callKey), [...values, ...entries]))) as [string, string?];
    // Of a log that another owner writes, or that was lost, nothing is known.
    const stored = answer === 'behind' ? ((JSON.parse(text ?? 'null') as CallSummary | null) ?? undefined) : undefined;
    remember(callKey, answer === 'appended' ? summary : stored);
    return answer as 'appended' | 'fenced' | 'behind';
  }

  return {
    async append(callKey, epoch, drafts) {
      if (drafts.length === 0) return 'appended';
      const mark = marks.get(drafts) ?? randomBytes(9).toString('base64url');
      marks.set(drafts, mark);
      for (let tries = 0; tries < mostTries; tries += 1) {
        // oxlint-disable-next-line no-await-in-loop -- numbered anew when another wrote first
        const answer = await tryOnce(callKey, epoch, drafts, mark);
        if (answer === 'appended') wakes.wake(callKey);
        if (answer !== 'behind') return answer;
      }
      throw new StoreUnavailable('full', 'too many write to the log of one call at once');
    },
    async read(callKey, { after = 0, limit = readLimit } = {}) {
      const texts = await ask(() => redis.lrange(keys.log(callKey), after, after + Math.min(limit, readLimit) - 1));
      return texts.map((text) => JSON.parse(text) as LogEntry);
    },
    watch: wakes.add,
    summary: async (callKey) => summaryOf(await ask(() => redis.hmget(keys.logged(callKey), 'summary', 'position'))),
    calls: ({ limit = 50, before } = {}) =>
      ask(async () => {
        const upTo = before === undefined ? '+inf' : `(${before}`;
        const found = await redis.zrevrangebyscore(keys.logs, upTo, '-inf', 'LIMIT', 0, Math.min(limit, callsLimit));
        const asked = redis.pipeline();
        for (const callKey of found) asked.hmget(keys.logged(callKey), 'summary', 'position');
        const answers = found.length === 0 ? [] : ((await asked.exec()) ?? []);
        return answers.flatMap(([error, fields]) => {
          if (error) throw error;
          return summaryOf(fields as (string | null)[]) ?? [];
        });
      }),
  };
}

const logKeys = (callKey: string): readonly string[] => [
  keys.log(callKey),
  keys.logged(callKey),
  keys.logs,
  keys.position,
];

function numbered(known: CallSummary, drafts: readonly LogDraft[]): { summary: CallSummary; entries: string[] } {
  let summary = known;
  const entries = drafts.map((draft) => {
    const entry: LogEntry = { seq: summary.seq + 1, ...draft };
    summary = summarize(summary, entry);
    return JSON.stringify(entry);
  });
  return { summary, entries };
}

const summaryOf = ([text, position]: readonly (string | null | undefined)[]): CallSummary | undefined =>
  text == null ? undefined : { ...(JSON.parse(text) as CallSummary), position: Number(position) };
