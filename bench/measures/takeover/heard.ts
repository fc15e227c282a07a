import type { PhoneEvent } from '../../../emulators/phone/types.ts';

/** Something that was heard, whole or not. */
interface Piece {
  readonly startMs: number;
  readonly endMs: number;
}

/** Between two words of one sentence there is less. */
const gapMs = 150;

/** Words, and pieces of words. */
const piecesOf = (events: readonly PhoneEvent[]): readonly Piece[] =>
  events
    .filter((event) => event.type === 'heard.word' || event.type === 'heard.damaged')
    .toSorted((a, b) => a.startMs - b.startMs);

/** The voice after its owner died at `atMs`: since then, and since it was last heard. Nothing when it never came back. */
export function voiceBack(
  events: readonly PhoneEvent[],
  atMs: number,
): { readonly backMs: number; readonly silenceMs: number } | undefined {
  const pieces = piecesOf(events);
  // What was on its way is still heard.
  const at = pieces.findIndex(
    ({ startMs }, index) => index > 0 && startMs > atMs && startMs - pieces[index - 1]!.endMs > gapMs,
  );
  const first = pieces[at];
  return first && { backMs: first.startMs - atMs, silenceMs: first.startMs - pieces[at - 1]!.endMs };
}

/** Silences in the middle of what was told between two moments. */
export function gapsIn(events: readonly PhoneEvent[], fromMs: number, untilMs: number): readonly number[] {
  const pieces = piecesOf(events).filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= untilMs);
  return pieces
    .slice(1)
    .map(({ startMs }, index) => startMs - pieces[index]!.endMs)
    .filter((silence) => silence > gapMs);
}
