import { msOf } from '../../audio/pcm.ts';
import type { Playout } from '../../audio/playout.ts';
import type { Clock } from '../../clock.ts';

const reportEveryMs = 200;

/** What of one turn has reached the caller's ear, reported in deltas, at most five a second. */
export interface Hearing {
  /** Something may have left or been marked: hears what has arrived, and reports if it is time. */
  follow(): void;
  /** What has left cannot be called back: it counts as heard now, and the last is reported. */
  heardAll(): void;
  /** Nothing is on its way any more. */
  arrived(): boolean;
  /** … and everything was reported. */
  settled(): boolean;
}

export function createHearing(options: {
  readonly clock: Clock;
  readonly transitMs: number;
  readonly playout: Playout;
  readonly report: (words: readonly string[], heardMs: number) => void;
}): Hearing {
  const { clock, transitMs, playout, report } = options;
  /** What has left, by the time at which it did. */
  const travelling: { readonly at: number; readonly upTo: number }[] = [];
  let heardTo = 0;
  let words: string[] = [];
  let reportedTo = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;

  const isNews = () => heardTo > reportedTo || words.length > 0;

  function hear(upTo: number): void {
    heardTo = Math.max(heardTo, upTo);
    words.push(...playout.hear(heardTo));
  }

  function tell(): void {
    const news = words;
    words = [];
    reportedTo = heardTo;
    reportedAt = clock.now();
    report(news, Math.round(msOf(heardTo)));
  }

  return {
    follow() {
      const upTo = playout.leftTo();
      if (upTo > (travelling.at(-1)?.upTo ?? heardTo)) travelling.push({ at: clock.now(), upTo });
      while (travelling[0] && travelling[0].at <= clock.now() - transitMs) hear(travelling.shift()?.upTo ?? 0);
      hear(heardTo);
      if (isNews() && clock.now() - reportedAt >= reportEveryMs) tell();
    },
    heardAll() {
      travelling.length = 0;
      hear(playout.leftTo());
      tell();
    },
    arrived: () => travelling.length === 0,
    settled: () => travelling.length === 0 && !isNews(),
  };
}
