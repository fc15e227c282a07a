import type { Phone } from '../../emulators/phone/types.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import { conversationStates } from '../../tools/demo/record.ts';

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The longest silence at the caller's ear while something was owed to him: from his own last sound until the agent, having
 * said something, listens again, or until the call is over.
 */
export function longestOwedSilence(phone: Pick<Phone, 'events'>, entries: readonly LogEntry[]): Span {
  const sounds = soundsOf(phone);
  const owed = owedSpans(phone, entries, sounds);
  const silences = owed.flatMap((span) => silencesWithin(span, sounds));
  return silences.reduce((longest, each) => (lengthOf(each) > lengthOf(longest) ? each : longest), {
    fromMs: 0,
    toMs: 0,
  });
}

export const lengthOf = ({ fromMs, toMs }: Span): number => Math.round(toMs - fromMs);

function soundsOf(phone: Pick<Phone, 'events'>): Span[] {
  const sounds: Span[] = [];
  for (const event of phone.events()) {
    if (event.type === 'sound.began') sounds.push({ fromMs: event.startMs, toMs: Number.POSITIVE_INFINITY });
    if (event.type === 'sound.ended') sounds[sounds.length - 1] = { fromMs: event.startMs, toMs: event.endMs };
  }
  return sounds;
}

function owedSpans(phone: Pick<Phone, 'events'>, entries: readonly LogEntry[], sounds: readonly Span[]): Span[] {
  const events = phone.events();
  const endMs = events.find(({ type }) => type === 'ended')?.atMs ?? Date.now();
  const spoken = events.flatMap((event) => (event.type === 'speech.ended' ? [event.endMs] : []));
  const resumed = events.flatMap((event) => (event.type === 'speech.began' ? [event.startMs] : []));
  return spoken.map((fromMs) => {
    const answered = sounds.find((sound) => sound.toMs > fromMs)?.fromMs ?? Number.POSITIVE_INFINITY;
    const listens =
      entries.find((entry) => entry.at > Math.max(fromMs, answered) && listensQuietly(entry))?.at ?? endMs;
    const speaksAgain = resumed.find((ms) => ms > fromMs) ?? endMs;
    return { fromMs, toMs: Math.min(listens, speaksAgain, endMs) };
  });
}

function listensQuietly(entry: LogEntry): boolean {
  if (entry.kind !== 'state' || entry.data.machine !== 'call') return false;
  const states = conversationStates(entry.data.value);
  return states.includes('quiet') || states.includes('away');
}

function silencesWithin({ fromMs, toMs }: Span, sounds: readonly Span[]): Span[] {
  const edges = sounds.filter((sound) => sound.toMs > fromMs && sound.fromMs < toMs);
  const begins = [fromMs, ...edges.map((sound) => sound.toMs)];
  const ends = [...edges.map((sound) => sound.fromMs), toMs];
  return begins.flatMap((begin, index) => (ends[index]! > begin ? [{ fromMs: begin, toMs: ends[index]! }] : []));
}
