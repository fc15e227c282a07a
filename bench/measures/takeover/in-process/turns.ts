import type { BenchCaller } from './caller.ts';
import type { Wrote } from './messages.ts';
import { answerWords } from './script.ts';

/** What the store acknowledged, by rooms. */
export interface Acknowledged {
  keep(writes: readonly Wrote[]): void;
  turnsOf(room: string): Pick<Wrote, 'asked' | 'answered'>;
}

export function createAcknowledged(): Acknowledged {
  const rooms = new Map<string, { readonly asked: Set<number>; readonly answered: Set<number> }>();
  return {
    keep(writes) {
      for (const { what, outcome, room, asked, answered } of writes) {
        if (what !== 'commit' || outcome !== 'committed') continue;
        const known = rooms.get(room) ?? { asked: new Set(), answered: new Set() };
        rooms.set(room, known);
        asked.forEach((n) => known.asked.add(n));
        answered.forEach((n) => known.answered.add(n));
      }
    },
    turnsOf: (room) => ({
      asked: [...(rooms.get(room)?.asked ?? [])],
      answered: [...(rooms.get(room)?.answered ?? [])],
    }),
  };
}

/** Turns that were committed, or heard to the end before a moment, and that a history does not hold, each in words. */
export function turnsLost(
  kept: Pick<Wrote, 'asked' | 'answered'>,
  acknowledged: Pick<Wrote, 'asked' | 'answered'>,
  caller: Pick<BenchCaller, 'answered'>,
  before: number,
): readonly string[] {
  const heard = [...caller.answered].flatMap(([n, at]) => (at < before ? [n] : []));
  const answered = new Set([...acknowledged.answered, ...heard]);
  const lostAsked = acknowledged.asked.filter((n) => !kept.asked.includes(n));
  const lostAnswered = [...answered].filter((n) => !kept.answered.includes(n));
  return [...lostAsked.map((n) => `question ${n}`), ...lostAnswered.map((n) => `answer ${n}`)];
}

/** Of each answer that was heard to its end: how many of its words were heard once too often, and how many never. */
export function wordsOf({
  heard,
  answered,
}: BenchCaller): readonly { readonly again: number; readonly lost: number }[] {
  return [...answered.keys()].map((n) => {
    const counts = answerWords(n).map((word) => heard.get(word) ?? 0);
    const again = counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
    return { again, lost: counts.filter((count) => count === 0).length };
  });
}
