import { frameMs } from '../../audio/pcm.ts';
import { createVoiceDetector } from '../../audio/voice-detector.ts';

/** Sound kept from before a voice: its first, soft consonants. */
const leadMs = 300;
/** Quiet that ends an utterance. */
const quietMs = 300;
/** Longer ones are cut, and go on as the next. */
const longestMs = 28_000;

/** Cuts a caller's sound into utterances, by quiet, with our own ear for voice. Holds at most 28 s. */
export interface Utterances {
  write(frame: Int16Array): void;
  /** What is being said is over, as far as one knows. */
  end(): void;
  /** How much sound there has been. */
  writtenMs(): number;
}

/** `done` is told of each, at its end. */
export function createUtterances(done: (sound: Int16Array) => void): Utterances {
  const detector = createVoiceDetector({ hangoverMs: quietMs });
  let kept: Int16Array[] = [];
  let speaks = false;
  let frames = 0;

  function write(frame: Int16Array): void {
    const change = detector.step(frame, -100);
    kept.push(frame);
    frames += 1;
    if (change?.type === 'started') begin(change.onsetMs);
    if (change?.type === 'stopped') return end();
    if (!speaks) forget(leadMs + patienceMs);
    else if (kept.length * frameMs >= longestMs) cut();
  }

  function begin(onsetMs: number): void {
    speaks = true;
    forget(leadMs + onsetMs);
  }

  function end(): void {
    if (speaks) cut();
    speaks = false;
  }

  function cut(): void {
    done(joined(kept));
    kept = [];
  }

  const forget = (ms: number) => void (kept = kept.slice(-Math.ceil(ms / frameMs)));

  return { write, end, writtenMs: () => frames * frameMs };
}

/** The longest onset that the detector reports. */
const patienceMs = 500;

function joined(frames: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
