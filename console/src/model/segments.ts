import type { Span } from './call-story.ts';
import type { Floor } from './floor.ts';

/** Spans with their ends: each lasts until the next begins, the last one until now. */
export const segmentsOf = (spans: readonly Span[], until: number) =>
  spans.map(({ from, floor }, index) => ({
    floor,
    start: from,
    end: Math.max(from, spans[index + 1]?.from ?? until),
  }));

/** Those that occurred, in the order of their first time. */
export const floorsOf = (spans: readonly Span[]): Floor[] => [...new Set(spans.map(({ floor }) => floor))];
