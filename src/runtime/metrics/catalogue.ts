import { callMetrics } from './calls.ts';
import { careMetrics } from './care.ts';
import type { Definition } from './definition.ts';
import { doorMetrics } from './doors.ts';
import { fallbackMetrics } from './fallbacks.ts';
import { lineMetrics } from './line.ts';
import { processMetrics } from './process.ts';
import { talkMetrics } from './talk.ts';
import { targetMetrics } from './targets.ts';
import { turnMetrics } from './turns.ts';

/** Every metric of an instance. docs/metrics.md, the dashboard and the rules are held against it. */
export const catalogue = {
  ...callMetrics,
  ...turnMetrics,
  ...talkMetrics,
  ...lineMetrics,
  ...targetMetrics,
  ...fallbackMetrics,
  ...doorMetrics,
  ...careMetrics,
  ...processMetrics,
} as const satisfies Readonly<Record<string, Definition>>;

/** An instance never shows more than so many series. */
export const seriesBound = 5_000;
