import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { conversationStates } from '../../../tools/demo/record.ts';
import type { Span } from './agent-sound.ts';

/** At our edge, ms. Absent when it did not happen. */
export interface EdgeTimes {
  /** From the caller's mouth to the first sound at the edge: network, jitter buffer. */
  readonly arrivesMs?: number;
  /** From there to the decision to drop the voice, and to the decision to be silent. */
  readonly duckMs?: number;
  readonly yieldMs?: number;
}

/** What a call's log tells of a stretch of time. */
export interface LogTrace {
  /** The caller's turns that were taken in it, as they stand at the end of the call. */
  readonly turns: readonly string[];
  /** The agent fell silent for the caller. */
  readonly yielded: boolean;
  readonly edge: EdgeTimes;
  /** States of the conversation, in order, for a reader. */
  readonly path: string;
}

type StateEntry = LogEntry & { readonly kind: 'state' };

export function traceOf(entries: readonly LogEntry[], span: Span): LogTrace {
  const inside = between(entries, span);
  const states = inside
    .filter(isCallState)
    .map((entry) => ({ at: entry.at, names: conversationStates(entry.data.value) }));
  return {
    turns: turnsIn(entries, new Set(inside)),
    yielded: states.some(({ names }) => names.includes('silent') || names.includes('listening')),
    edge: edgeTimes(inside, states, span.startMs),
    path: changes(states.map(({ at, names }) => [Math.round(at - span.startMs), names.slice(-2).join('.')])),
  };
}

const isCallState = (entry: LogEntry): entry is StateEntry => entry.kind === 'state' && entry.data.machine === 'call';

function edgeTimes(
  entries: readonly LogEntry[],
  states: readonly { readonly at: number; readonly names: readonly string[] }[],
  startMs: number,
): EdgeTimes {
  const heard = entries.find((entry) => entry.kind === 'event' && entry.data.type === 'caller.voice_started');
  const onsetMs = (heard?.data as { readonly onsetMs?: number } | undefined)?.onsetMs;
  if (!heard || onsetMs === undefined) return {};
  const firstAt = heard.at - onsetMs;
  const since = (...names: string[]) => {
    const found = states.find((state) => names.some((name) => state.names.includes(name)));
    return found && Math.round(found.at - firstAt);
  };
  const duckMs = since('bargeIn');
  const yieldMs = since('silent', 'listening', 'thinking');
  return {
    arrivesMs: Math.round(firstAt - startMs),
    ...(duckMs !== undefined && { duckMs }),
    ...(yieldMs !== undefined && { yieldMs }),
  };
}

/** A line is stamped with the time of its turn, which may lie before: its place among the other entries tells when it came. */
function between(entries: readonly LogEntry[], { startMs, endMs }: Span): LogEntry[] {
  const first = entries.findIndex(({ kind, at }) => kind !== 'line' && at >= startMs);
  const last = entries.findLastIndex(({ kind, at }) => kind !== 'line' && at <= endMs);
  return first < 0 ? [] : entries.slice(first, last + 1);
}

/** Turns that were begun inside. Lines are replaced and taken back while a call goes on: the last word on each counts. */
function turnsIn(entries: readonly LogEntry[], inside: ReadonlySet<LogEntry>): string[] {
  const lines = new Map<string, { readonly isInside: boolean; readonly text: string }>();
  for (const entry of entries) {
    if (entry.kind !== 'line' || entry.data.who !== 'caller') continue;
    const id = String(entry.data['id']);
    const isInside = lines.get(id)?.isInside ?? inside.has(entry);
    if (entry.data['removed'] || entry.data['backchannel']) lines.delete(id);
    else lines.set(id, { isInside, text: entry.pii.text });
  }
  return [...lines.values()].filter(({ isInside }) => isInside).map(({ text }) => text);
}

const changes = (steps: readonly (readonly [number, string])[]): string =>
  steps
    .filter(([, name], i) => name !== steps[i - 1]?.[1])
    .map(([ms, name]) => `${ms} ${name}`)
    .slice(0, 8)
    .join(' → ');
