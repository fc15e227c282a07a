import type { Member } from './fleet.ts';

/** Sums of counters over all instances that ever lived: each is read again and again, and what it said last counts. */
export interface Counters {
  /** Of all series of this metric whose labels hold this text. */
  sum(metric: string, labels?: string): number;
  /** The largest value that was seen of a gauge. */
  most(metric: string): number;
  /** Reads them all once more, and no more after that. */
  close(): Promise<void>;
}

const readEveryMs = 1_000;
const answersWithinMs = 800;
const line = /^(voicechart_\w+)(\{[^}]*\})? (\S+)$/gm;

export function watchCounters(members: () => readonly Member[]): Counters {
  const last = new Map<string, { readonly metric: string; readonly labels: string; readonly value: number }>();
  const highest = new Map<string, number>();

  async function read({ name, health }: Member): Promise<void> {
    const answer = await fetch(`${health}/metrics`, { signal: AbortSignal.timeout(answersWithinMs) }).catch(
      () => undefined,
    );
    const page = (await answer?.text().catch(() => '')) ?? '';
    for (const [, metric = '', labels = '', text] of page.matchAll(line)) {
      const value = Number(text);
      last.set(`${name} ${metric}${labels}`, { metric, labels, value });
      highest.set(metric, Math.max(value, highest.get(metric) ?? 0));
    }
  }
  const readAll = () => Promise.all(members().map(read));
  const timer = setInterval(() => void readAll(), readEveryMs);
  return {
    sum: (metric, labels = '') =>
      [...last.values()]
        .filter((each) => each.metric === metric && each.labels.includes(labels))
        .reduce((sum, { value }) => sum + value, 0),
    most: (metric) => highest.get(metric) ?? 0,
    async close() {
      clearInterval(timer);
      await readAll();
    },
  };
}
