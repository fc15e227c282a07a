import type { LogEntry } from '../src/runtime/call-log.ts';
import { conversationStates } from '../tools/demo/record.ts';

/** Latencies of one turn as the instance logs them. */
export interface TurnEntry {
  readonly turn: number;
  readonly endOfTurnMs?: number;
  readonly modelMs?: number;
  readonly clauseMs?: number;
  readonly voiceMs?: number;
  readonly ownMs?: number;
  readonly heldMs?: number;
  readonly replyMs?: number;
}

/** Turns that a model answered. */
export const timingsOf = (entries: readonly LogEntry[]): TurnEntry[] =>
  entries.flatMap((entry) => (entry.kind === 'turn' && entry.data['modelMs'] !== undefined ? [entry.data] : []));

/** How the agent lost the floor, by the instance's own ear and clock; ms from the caller's first sound. */
export interface FloorLost {
  readonly duckedMs?: number;
  readonly silentMs?: number;
}

/** What became of an interruption that began at `fromMs` and was over by `untilMs`. */
export function floorLost(entries: readonly LogEntry[], fromMs: number, untilMs: number): FloorLost {
  const events = entries.filter(({ at }) => at >= fromMs && at <= untilMs);
  const heard = events.find((entry) => entry.kind === 'event' && entry.data.type === 'caller.voice_started');
  if (!heard) return {};
  const onsetAt = heard.at - Number(heard.data['onsetMs']);
  const stateAt = (fits: (states: readonly string[]) => boolean): number | undefined =>
    events.find(
      (entry) =>
        entry.at >= heard.at &&
        entry.kind === 'state' &&
        entry.data.machine === 'call' &&
        fits(conversationStates(entry.data.value)),
    )?.at;
  const ducked = stateAt((states) => states.includes('ducked'));
  const silent = stateAt((states) => !states.includes('ducked') && !states.includes('speaking'));
  return {
    ...(ducked === undefined ? {} : { duckedMs: ducked - onsetAt }),
    ...(silent === undefined ? {} : { silentMs: silent - onsetAt }),
  };
}
