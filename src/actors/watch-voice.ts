import { createVoiceDetector } from '../audio/voice-detector.ts';
import type { Clock } from '../clock.ts';
import type { Ear } from './ear.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Player } from './player.ts';

type Fact =
  /** The caller's voice began `onsetMs` ago. */
  | { readonly type: 'caller.voice_started'; readonly onsetMs: number; readonly levelDb: number }
  /** Nothing has been heard for `quietMs`; `echo` when it fell with our own voice. */
  | { readonly type: 'caller.voice_stopped'; readonly quietMs: number; readonly echo: boolean };

export type VoiceActivityFact = Stamped<Fact>;

/** Our own ear for voice: it works in every state of the transcriber, deaf included. */
export const watchVoice = (ear: Ear, player: Player, clock: Clock) =>
  leaf<Fact, { type: 'none' }, undefined>(clock, ({ report }) => {
    const detector = createVoiceDetector();
    return ear.listen((frame) => {
      const change = detector.step(frame, player.outboundDb());
      if (change?.type === 'started')
        report({ type: 'caller.voice_started', onsetMs: change.onsetMs, levelDb: change.levelDb });
      if (change?.type === 'stopped')
        report({ type: 'caller.voice_stopped', quietMs: change.quietMs, echo: change.echo });
    });
  });
