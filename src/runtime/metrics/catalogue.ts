import type { Definition } from './definition.ts';
import { turnMetrics } from './turns.ts';

/** Every metric of an instance. docs/metrics.md, the dashboard and the rules are held against it. */
export const catalogue = {
  ...turnMetrics,
} as const satisfies Readonly<Record<string, Definition>>;

/** An instance never shows more than so many series. */
export const seriesBound = 5_000;
