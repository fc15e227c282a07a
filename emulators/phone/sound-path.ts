import type { Clock } from '../../src/clock.ts';
import { createEar, type EarEvent } from './ear.ts';
import { createComfort, createEcho } from './line-sound.ts';
import { createMixer } from './mixer.ts';
import { createMouth, type Mouth, type MouthSink } from './mouth.ts';
import type { PhoneEvent, PhoneOptions, Recording } from './types.ts';

export interface SoundPath {
  readonly mouth: Mouth;
  /** Hears a voice until its frames end. */
  follow(frames: AsyncIterable<Int16Array>): Promise<void>;
  /** What comes before this is not heard: nobody has lifted the receiver. */
  lift(): void;
  recording(): Recording;
}

type SoundEvent =
  | EarEvent
  | (PhoneEvent extends infer E ? (E extends { type: `speech.${string}` } ? Omit<E, 'atMs'> : never) : never);

/** The telephone itself: what the caller hears and says. */
export function createSoundPath(
  options: PhoneOptions,
  parts: { readonly clock: Clock; readonly sink: MouthSink; readonly note: (event: SoundEvent) => void },
): SoundPath {
  const { clock, sink, note } = parts;
  const ear = createEar(note, options.soundDb ?? -50);
  const echo = createEcho(options.echo);
  const mixer = createMixer((frame) => lifted && echo.take(ear.hear(frame, clock.now())));
  let lifted = false;
  const mouth = createMouth({
    clock,
    sink,
    comfort: createComfort(options.comfort ?? 'noise'),
    add: echo.addTo,
    began: (utterance, startMs) => note({ type: 'speech.began', utterance, startMs }),
    ended: ({ utterance, endMs, cut }) => note({ type: 'speech.ended', utterance, endMs, cut }),
  });
  return {
    mouth,
    async follow(frames) {
      const voice = mixer.add();
      try {
        for await (const frame of frames) voice.push(frame);
      } finally {
        voice.end();
      }
    },
    lift() {
      lifted = true;
    },
    recording: ear.recording,
  };
}
