import type { ScriptInput } from '../../../emulators/deepgram/script.ts';
import { type VoiceFixture, voiceSound } from '../../../emulators/voices/index.ts';
import { samplesOf } from '../../../src/audio/pcm.ts';
import { joined, whiteNoise } from '../sounds.ts';
import type { Span } from './agent-sound.ts';

/** What the phone plays for one case, what the emulated transcriber is to hear in it, and where its parts lie, from its start. */
export interface CallerSound {
  readonly pcm: Int16Array;
  readonly script: readonly ScriptInput[];
  readonly parts: readonly Span[];
}

/** The emulated transcriber takes sounds closer than this for one. */
const sameSoundMs = 250;
const lineNoiseDb = -66;

/**
 * Parts of a caller's turn with quiet of a telephone line between them. `heldMs`: so much longer the transcriber waits with
 * the end of a part that is not the last, since it understands that more is to come.
 */
export function callerSound(fixtures: readonly VoiceFixture[], gapMs: number, heldMs = 0): CallerSound {
  const gap = whiteNoise(samplesOf(gapMs), lineNoiseDb);
  const sounds = fixtures.map((fixture) => voiceSound(fixture));
  const parts: Span[] = [];
  for (const sound of sounds) {
    const startMs = parts.length === 0 ? 0 : parts.at(-1)!.endMs + gapMs;
    parts.push({ startMs, endMs: startMs + sound.length / samplesOf(1) });
  }
  return {
    pcm: joined(...sounds.flatMap((sound, i) => (i === 0 ? [sound] : [gap, sound]))),
    script: gapMs >= sameSoundMs ? apart(fixtures, heldMs) : scriptOf(fixtures, startsOf(parts)),
    parts,
  };
}

const apart = (fixtures: readonly VoiceFixture[], heldMs: number): ScriptInput[] =>
  fixtures.flatMap((each, i) => {
    const isLast = i === fixtures.length - 1;
    return scriptOf([each], [0]).map((sound) =>
      isLast || heldMs === 0 ? sound : { ...sound, final: { delayMs: heldMs } },
    );
  });

const startsOf = (parts: readonly Span[]): number[] => parts.map(({ startMs }) => startMs);

/** Words of fixtures as one sound; none when nothing is said: then the transcriber is told nothing, and hears nothing. */
function scriptOf(fixtures: readonly VoiceFixture[], starts: readonly number[]): ScriptInput[] {
  const words = fixtures.flatMap((fixture, i) =>
    fixture.words.map(({ text, startMs, endMs }) => ({
      text,
      startMs: startMs + starts[i]!,
      endMs: endMs + starts[i]!,
    })),
  );
  const durationMs = starts.at(-1)! + fixtures.at(-1)!.durationMs;
  return words.length === 0 ? [] : [{ words, durationMs }];
}
