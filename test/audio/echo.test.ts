import { describe, expect, it } from 'vitest';
import { encodeWord } from '../../emulators/tones/codec.ts';
import { voiceFixtures, voiceSound } from '../../emulators/voices/index.ts';
import { frameSamples, levelDb, samplesOf } from '../../src/audio/pcm.ts';
import { createVoiceDetector, type VoiceChange } from '../../src/audio/voice-detector.ts';
import { addSound, joined, whiteNoise } from '../support/sounds.ts';

const fixtures = voiceFixtures();

function monologueOf(kind: 'tones' | 'voice', ms: number): Int16Array {
  const pieces: Int16Array[] = [];
  const spoken = fixtures.filter((each) => each.kind === 'ordinary' || each.kind === 'pause');
  for (let i = 0, samples = 0; samples < samplesOf(ms); i += 1) {
    const sound =
      kind === 'tones'
        ? encodeWord(['Breakfast', 'is', 'served', 'from', 'seven', 'to', 'ten.'][i % 7]!, i)
        : voiceSound(spoken[i % spoken.length]!)
            .toReversed()
            .map((sample) => Math.max(-32_000, Math.min(32_000, 2 * sample)));
    const gap = new Int16Array(kind === 'tones' ? (i % 7 === 6 ? 6400 : 0) : 3200);
    pieces.push(sound, gap);
    samples += sound.length + gap.length;
  }
  return joined(...pieces).subarray(0, samplesOf(ms));
}

interface Scene {
  readonly agent: Int16Array;
  readonly echo?: { readonly db: number; readonly delayMs: number };
  readonly caller?: Int16Array;
}

type Heard = VoiceChange & { readonly atMs: number };

/** An agent who ducks by 12 dB while a voice is heard, over a line that brings its voice back. */
function converse({ agent, echo, caller }: Scene): Heard[] {
  const detector = createVoiceDetector();
  const sent = new Int16Array(agent.length);
  const noise = whiteNoise(agent.length, -62, 3);
  const heard: Heard[] = [];
  const levels = [-100, -100, -100];
  let gain = 1;
  let restoreAt = Infinity;
  for (let at = 0; at + frameSamples <= agent.length; at += frameSamples) {
    const atMs = at / 16 + 20;
    const target = detector.voiced || atMs < restoreAt ? (heard.length > 0 ? 0.25 : 1) : 1;
    for (let i = at; i < at + frameSamples; i += 1) {
      gain += Math.max(-0.003, Math.min(0.003, target - gain));
      sent[i] = Math.round(agent[i]! * gain);
    }
    levels.push(levelDb(sent.subarray(at, at + frameSamples)));
    const frame = noise.slice(at, at + frameSamples);
    if (echo) addSound(frame, sent.subarray(0, at + frameSamples), samplesOf(echo.delayMs) - at, echo.db);
    if (caller) addSound(frame, caller, -at);
    const change = detector.step(frame, Math.max(...levels.slice(-3)));
    if (change) heard.push({ ...change, atMs });
    if (change?.type === 'stopped') restoreAt = change.echo ? atMs : atMs + 130;
  }
  return heard;
}

/** Lengths of the voices that began in this span, ms. From 600 on the agent would have fallen silent. */
function voicesMs(heard: readonly Heard[], fromMs = 0, toMs = Infinity): number[] {
  return heard.flatMap(({ type, atMs }, i) =>
    type === 'started' && atMs >= fromMs && atMs < toMs ? [(heard[i + 1]?.atMs ?? Infinity) - atMs] : [],
  );
}

const returns = [-12, -20, -30].flatMap((db) => [80, 180, 350].map((delayMs) => ({ db, delayMs })));

describe('our own voice coming back', () => {
  it.each(returns)(
    'at $db dB after $delayMs ms is found out within seconds and never again taken for a caller',
    (echo) => {
      for (const kind of ['tones', 'voice'] as const) {
        const heard = converse({ agent: monologueOf(kind, 25_000), echo });
        expect(voicesMs(heard, 8000)).toEqual([]);
        // The hardest of them, loud and late, may silence us once, at the very first word.
        if (echo.db === -12 && echo.delayMs === 350) expect(voicesMs(heard, 3000).every((ms) => ms < 600)).toBe(true);
        else expect(Math.max(0, ...voicesMs(heard))).toBeLessThan(600);
      }
    },
  );

  it.each(returns.filter(({ db }) => db <= -20))('at $db dB after $delayMs ms does not hide a caller', (echo) => {
    const agent = monologueOf('tones', 22_000);
    const caller = new Int16Array(agent.length);
    const onsets = [12_000, 18_000];
    for (const onset of onsets) addSound(caller, voiceSound({ file: 'interruption-not-asked.wav' }), samplesOf(onset));
    const heard = converse({ agent, echo, caller });
    for (const onset of onsets) {
      const first = heard.find(({ type, atMs }) => type === 'started' && atMs > onset)!;
      expect(first.atMs - onset).toBeLessThan(250);
      expect(voicesMs(heard, onset, onset + 900).reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(500);
    }
  });

  it('is not made out of callers who speak while we duck', () => {
    const spoken = fixtures.filter(({ kind }, i) => kind !== 'noise' && i % 2 === 0);
    const track = new Int16Array(samplesOf(3000 * spoken.length + 3000));
    for (const [i, each] of spoken.entries()) addSound(track, voiceSound(each), samplesOf(2000 + 3000 * i) + i * 37);
    for (const kind of ['tones', 'voice'] as const) {
      const heard = converse({ agent: monologueOf(kind, track.length / 16), caller: track });
      expect(heard.filter((change) => change.type === 'stopped' && change.echo)).toEqual([]);
      for (const [i, each] of spoken.entries()) {
        const onset = 2000 + 3000 * i;
        const first = heard.find(({ type, atMs }) => type === 'started' && atMs > onset && atMs < onset + 400);
        expect(first, each.file).toBeDefined();
      }
    }
  });
});
