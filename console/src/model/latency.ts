import type { Turn } from './call-story.ts';

/** Stages of a turn in the order they happen. */
export const stages = [
  { key: 'endOfTurnMs', name: 'end of turn' },
  { key: 'modelMs', name: 'model' },
  { key: 'clauseMs', name: 'first clause' },
  { key: 'voiceMs', name: 'voice' },
  { key: 'heldMs', name: 'held back' },
  { key: 'ownMs', name: 'our own part' },
] as const;

export type StageKey = (typeof stages)[number]['key'] | 'restMs';

export interface Bar {
  readonly turn: number;
  readonly replyMs: number;
  readonly parts: readonly { readonly key: StageKey; readonly name: string; readonly ms: number }[];
}

/** A turn's latencies as parts of one bar; nothing for a turn nobody waited for, like the greeting. */
export function barOf(turn: Turn | undefined): Bar | undefined {
  if (!turn) return undefined;
  const known = stages.flatMap(({ key, name }) => {
    const ms = turn[key];
    return ms !== undefined && ms > 0 ? [{ key: key as StageKey, name, ms }] : [];
  });
  const sum = known.reduce((total, { ms }) => total + ms, 0);
  const replyMs = turn['replyMs'] ?? 0;
  if (replyMs <= 0) return undefined;
  // What no stage accounts for, like a stage that was not measured in this turn.
  const restMs = Math.round(replyMs - sum);
  const parts = restMs > 10 ? [...known, { key: 'restMs' as const, name: 'other', ms: restMs }] : known;
  return { turn: turn.turn, replyMs, parts };
}

/** The value that half of them do not exceed. */
export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}
