import { msOf } from '../../audio/pcm.ts';
import type { Playout } from '../../audio/playout.ts';
import type { Clock } from '../../clock.ts';

const reportEveryMs = 200;
/** It is known long before that nothing arrived. */
const keptMs = 5000;

/** What of one turn has reached the caller's ear, reported in deltas, at most five a second. */
export interface Hearing {
  /** Something may have left or been marked: hears what has arrived, and reports if it is time. */
  follow(): void;
  /** What has left cannot be called back: it counts as heard now, and the last is reported. */
  heardAll(): void;
  /** Nothing that left after this time arrived: it is to be played again, and what was reported of it was not heard. */
  unhear(aliveAt: number): void;
  /** Nothing is on its way any more. */
  arrived(): boolean;
  /** … and everything was reported. */
  settled(): boolean;
}

interface Departure {
  readonly at: number;
  readonly upTo: number;
}

export function createHearing(options: {
  readonly clock: Clock;
  readonly transitMs: number;
  readonly playout: Playout;
  readonly report: (words: readonly string[], heardMs: number) => void;
  /** So many of the words that were reported last were not heard after all. */
  readonly takeBack: (words: number, heardMs: number) => void;
}): Hearing {
  const { clock, transitMs, playout, report, takeBack } = options;
  /** What has left, by the time at which it did. */
  const travelling: Departure[] = [];
  let departed: Departure[] = [{ at: Number.NEGATIVE_INFINITY, upTo: 0 }];
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

  function depart(departure: Departure): void {
    travelling.push(departure);
    departed.push(departure);
    const oldest = departed.findLastIndex(({ at }) => at < clock.now() - keptMs);
    if (oldest > 0) departed = departed.slice(oldest);
  }

  return {
    follow() {
      const upTo = playout.leftTo();
      if (upTo > (travelling.at(-1)?.upTo ?? heardTo)) depart({ at: clock.now(), upTo });
      while (travelling[0] && travelling[0].at <= clock.now() - transitMs) hear(travelling.shift()?.upTo ?? 0);
      hear(heardTo);
      if (isNews() && clock.now() - reportedAt >= reportEveryMs) tell();
    },
    heardAll() {
      travelling.length = 0;
      hear(playout.leftTo());
      tell();
    },
    unhear(aliveAt) {
      departed = departed.filter(({ at }) => at <= aliveAt);
      const upTo = departed.at(-1)?.upTo ?? 0;
      if (upTo >= playout.leftTo()) return;
      travelling.length = 0;
      heardTo = Math.min(heardTo, upTo);
      const back = playout.goBack(upTo);
      const untold = Math.min(back, words.length);
      words = words.slice(0, words.length - untold);
      if (reportedTo <= heardTo) return;
      reportedTo = heardTo;
      takeBack(back - untold, Math.round(msOf(heardTo)));
    },
    arrived: () => travelling.length === 0,
    settled: () => travelling.length === 0 && !isNews(),
  };
}
