import type { PhoneEvent } from '../../../emulators/phone/types.ts';

/** The next owner's voice after the last one died at `atMs`: since then, and since anything was last heard. Nothing when none came. */
export function voiceBack(
  events: readonly PhoneEvent[],
  atMs: number,
): { readonly backMs: number; readonly silenceMs: number } | undefined {
  // What was on its way when he died is still heard.
  const next = events.find((event) => event.type === 'voice.joined' && event.atMs > atMs);
  const sound = next && events.find((event) => event.type === 'sound.began' && event.startMs >= next.atMs);
  if (sound?.type !== 'sound.began') return undefined;
  const { startMs } = sound;
  const before = events.findLast((event) => event.type === 'sound.ended' && event.endMs <= startMs);
  const quietFrom = before?.type === 'sound.ended' ? before.endMs : atMs;
  return { backMs: startMs - atMs, silenceMs: startMs - quietFrom };
}

/** Silences, ms, in the middle of what was told between two moments. The telephone notices those of 200 ms and more. */
export function gapsIn(events: readonly PhoneEvent[], fromMs: number, untilMs: number): readonly number[] {
  const sounds = events.filter((event) => event.type === 'sound.began' || event.type === 'sound.ended');
  return sounds.flatMap((event, index) => {
    const before = sounds[index - 1];
    if (event.type !== 'sound.began' || before?.type !== 'sound.ended') return [];
    const isWithin = before.endMs > fromMs && event.startMs < untilMs;
    return isWithin ? [event.startMs - before.endMs] : [];
  });
}
