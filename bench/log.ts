import type { PhoneEvent } from '../emulators/phone/types.ts';
import type { LogEntry } from '../src/runtime/call-log.ts';
import { conversationStates } from '../tools/demo/record.ts';
import type { WebhookNote } from './bed.ts';

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

/** When an event of this type came first after a moment; a voice counts from its onset. */
export function timeAfter(entries: readonly LogEntry[], type: string, afterMs: number): number | undefined {
  const found = entries.find((entry) => entry.kind === 'event' && entry.data.type === type && entry.at > afterMs);
  return found && found.at - Number((found.data as { onsetMs?: number }).onsetMs ?? 0);
}

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

/** How soon a call was taken, in ms from the caller's webhook at our door. */
export interface PickUp {
  readonly startedMs: number;
  readonly publishedMs: number;
  readonly joinedMs: number;
  readonly answeredMs: number;
}

/** Of one call's webhooks, log and telephone; undefined when something of it is missing. */
export function pickUpOf(
  notes: readonly WebhookNote[],
  entries: readonly LogEntry[],
  phone: readonly PhoneEvent[],
): PickUp | undefined {
  const webhook = notes.find(({ outcome }) => outcome === 'stored')?.arrivedMs;
  const joins = notes.flatMap(({ event }, index) => (event === 'participant_joined' ? [index] : []));
  // The caller joins and publishes first, the agent second.
  const published = notes.slice(joins[1] ?? notes.length).find(({ event }) => event === 'track_published')?.arrivedMs;
  const started = entries.find((entry) => entry.kind === 'call')?.at;
  const joined = entries.find((entry) => entry.kind === 'event' && entry.data.type === 'line.joined')?.at;
  const answered = phone.find(({ type }) => type === 'answered')?.atMs;
  if (webhook === undefined || started === undefined) return undefined;
  if (published === undefined || joined === undefined || answered === undefined) return undefined;
  return {
    startedMs: started - webhook,
    publishedMs: published - webhook,
    joinedMs: joined - webhook,
    answeredMs: answered - webhook,
  };
}
