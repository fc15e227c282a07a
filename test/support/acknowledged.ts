import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import type { CallRecord } from '../../src/runtime/call-store.ts';
import type { Stores } from '../../src/runtime/stores.ts';
import { caller } from './call-harness.ts';

/** One call whose owner commits turn after turn, and what the store said of each: all that it acknowledged must be there in the end. */
export interface BusyCall {
  readonly callKey: string;
  /** Resolves when so many more turns are acknowledged. */
  more(turns: number): Promise<void>;
  /** Longest time from one acknowledged turn to the next so far, and the longest that a refusal took. */
  times(): { readonly gapMs: number; readonly refusalMs: number };
  /** Ends the work; gives what is not in the store as it was acknowledged. */
  missing(): Promise<readonly string[]>;
}

const pauseMs = 20;

export async function busyCall({ store, log }: Pick<Stores, 'store' | 'log'>, callKey: string): Promise<BusyCall> {
  const fact = { type: 'door.caller_joined', room: callKey, caller } as const;
  await store.ingest({ id: 'EV_1', callKey, at: 0, fact });
  const { epoch } = (await store.claim(callKey))!;
  const stop = new AbortController();
  const acknowledged = { turn: 0, entries: 0 };
  const times = { gapMs: 0, refusalMs: 0 };
  let lastAt = performance.now();
  let seq = 0;

  /** As the host does: a turn's entries are given again as they were, its state is the newest. */
  async function until(write: () => Promise<string>, done: string): Promise<boolean> {
    while (!stop.signal.aborted) {
      const askedAt = performance.now();
      // oxlint-disable-next-line no-await-in-loop
      const answer = await write().catch(() => undefined);
      if (answer === done) return true;
      if (answer !== undefined) throw new Error(`the owner of ${callKey} was told: ${answer}`);
      times.refusalMs = Math.max(times.refusalMs, performance.now() - askedAt);
      // oxlint-disable-next-line no-await-in-loop
      await delay(pauseMs);
    }
    return false;
  }
  async function work(): Promise<void> {
    for (let turn = 1; !stop.signal.aborted; turn += 1) {
      const drafts: readonly LogDraft[] = [{ at: 0, kind: 'turn', data: { turn } }];
      // oxlint-disable-next-line no-await-in-loop
      if (await until(() => log.append(callKey, epoch, drafts), 'appended')) acknowledged.entries = turn;
      // oxlint-disable-next-line no-await-in-loop
      if (!(await until(() => store.commit(recordOf(callKey, epoch, (seq += 1), turn)), 'committed'))) return;
      acknowledged.turn = turn;
      times.gapMs = Math.max(times.gapMs, performance.now() - lastAt);
      lastAt = performance.now();
    }
  }
  const working = work();
  return {
    callKey,
    more(turns) {
      const goal = acknowledged.turn + turns;
      return expect.poll(() => acknowledged.turn, { timeout: 40_000 }).toBeGreaterThanOrEqual(goal);
    },
    times: () => ({ ...times, gapMs: Math.max(times.gapMs, performance.now() - lastAt) }),
    async missing() {
      stop.abort();
      await working;
      const record = await store.load(callKey);
      const saved = (record?.context as { turn?: number } | undefined)?.turn ?? 0;
      const turns = await turnsIn(log, callKey);
      const wanted = Array.from({ length: acknowledged.entries }, (_, index) => index + 1);
      return [
        ...(record?.epoch === epoch && saved >= acknowledged.turn ? [] : [`turn ${acknowledged.turn} of the record`]),
        ...wanted.filter((turn) => turns[turn - 1] !== turn).map((turn) => `turn ${turn} of the log`),
        ...(turns.length > wanted.length + 1 ? ['an entry of the log that is there twice'] : []),
      ];
    },
  };
}

const recordOf = (callKey: string, epoch: number, seq: number, turn: number): CallRecord => ({
  callKey,
  machine: 'call',
  version: '1',
  seq,
  epoch,
  livekitHost: '',
  room: callKey,
  savedAt: 0,
  value: 'talking',
  context: { turn, said: `what was said in turn ${turn}` },
  timers: [],
  mailCursor: 0,
});

async function turnsIn(log: Stores['log'], callKey: string): Promise<readonly number[]> {
  const turns: number[] = [];
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop
    const entries = await log.read(callKey, { after: turns.length });
    if (entries.length === 0) return turns;
    turns.push(...entries.map(({ data }) => (data as { turn: number }).turn));
  }
}
