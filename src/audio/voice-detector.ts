import { createEchoReturn, type EchoReturnOptions } from './echo-return.ts';
import { createNoiseFloor } from './noise-floor.ts';
import { frameMs, frameSamples, levelDb, sampleRateHz } from './pcm.ts';
import { blockSamples, createBandMeter } from './spectrum.ts';

export interface VoiceDetectorOptions extends EchoReturnOptions {
  /** How much sound above noise and echo it takes to be a voice, ms. Default 60. */
  readonly onsetMs: number;
  /** Quiet before a voice has stopped, ms. Default 120. */
  readonly hangoverMs: number;
  /** How far above the noise a voice begins, dB. Default 6. It goes on 3 dB lower. */
  readonly startDb: number;
  /** Sounds below this level are never a voice, dBFS. Default -50. */
  readonly leastLevelDb: number;
  /** How far below the caller's own usual level a voice may begin, dB: the rest is side talk. Default 10. */
  readonly softerDb: number;
}

const voiceDefaults: VoiceDetectorOptions = {
  onsetMs: 60,
  hangoverMs: 120,
  startDb: 6,
  leastLevelDb: -50,
  softerDb: 10,
  echoReturnDb: -40,
  echoMarginDb: 4,
  echoTailMs: 500,
  duckDb: 6,
  echoProofMs: 240,
};

export type VoiceChange =
  /** A voice began `onsetMs` before the end of this frame. */
  | { readonly type: 'started'; readonly onsetMs: number; readonly levelDb: number }
  /** The last sound was `quietMs` before the end of this frame; `echo`: it was our own voice coming back. */
  | { readonly type: 'stopped'; readonly quietMs: number; readonly echo: boolean };

export interface VoiceDetector {
  /**
   * Takes the next frame (20 ms of 16 kHz PCM) and the level of what we send, dBFS, -100 when silent
   * (`Player.outboundDb`).
   */
  step(frame: Int16Array, outboundDb: number): VoiceChange | undefined;
  readonly voiced: boolean;
  /** Level of the last frame, dBFS. */
  readonly levelDb: number;
}

const blockMs = 10;
/** What a block without sound takes off the onset: taps do not add up to a voice. */
const leakMs = 10;
/** From the first sound of an onset with gaps. */
const patchyMs = 100;
const goOnDb = 3;
/** What is so much softer than the loudest block of an onset is the ringing of a thump. */
const tailDb = 20;

/**
 * Tells when somebody at the other end speaks, from energy and spectrum of 8 or 16 kHz telephone speech over a noise floor
 * that adapts, with our own voice as echo reference. Pure over frames: no clock, no model, some 10 µs a frame.
 * Clicks, taps and thumps shorter than `onsetMs` do not start it; a cough may.
 */
export function createVoiceDetector(options: Partial<VoiceDetectorOptions> = {}): VoiceDetector {
  const settings = { ...voiceDefaults, ...options };
  const meter = createBandMeter();
  const noise = createNoiseFloor({ initialDb: -50, leastDb: -65 });
  const echo = createEchoReturn(settings);
  const highPass = createHighPass();
  const block = new Float64Array(blockSamples);
  let voiced = false;
  let voicedMs = 0;
  let soundMs = 0;
  let sinceFirstMs = 0;
  let sinceLastMs = 0;
  let peakDb = -100;
  let frameDb = -100;
  let usualDb = settings.leastLevelDb;

  function step(frame: Int16Array, outboundDb: number): VoiceChange | undefined {
    frameDb = levelDb(frame);
    let change: VoiceChange | undefined;
    let loudestDb = -100;
    for (let from = 0; from + blockSamples <= frame.length && from < frameSamples; from += blockSamples) {
      const blockDb = highPass(frame, from, block);
      change = stepBlock(blockDb) ?? change;
      loudestDb = Math.max(loudestDb, blockDb);
    }
    if (voiced) voicedMs += frameMs;
    echo.step(loudestDb, outboundDb, voicedMs);
    return voiced && echo.isEcho ? stop(true) : change;
  }

  function stepBlock(db: number): VoiceChange | undefined {
    const aboveDb = noise.above(meter.measure(block), voiced);
    const floorDb = Math.max(settings.leastLevelDb, echo.floorDb);
    const sounds = db > floorDb && aboveDb > settings.startDb - (voiced ? goOnDb : 0);
    follow(voiced && sounds, db);
    return voiced ? goOn(sounds) : waitFor(sounds && db > usualDb - settings.softerDb, db);
  }

  /** The usual level is the one that 30 % of the voice's blocks exceed; forgotten by 1 dB a second. */
  function follow(speaks: boolean, db: number): void {
    if (speaks) usualDb = Math.max(settings.leastLevelDb, usualDb + (db > usualDb ? 0.7 : -0.3));
    else usualDb = Math.max(settings.leastLevelDb, usualDb - 0.01);
  }

  function waitFor(sounds: boolean, db: number): VoiceChange | undefined {
    if (soundMs === 0) peakDb = -100;
    if (sounds) peakDb = Math.max(peakDb, db);
    soundMs = Math.max(0, soundMs + (sounds && db > peakDb - tailDb ? blockMs : -leakMs));
    sinceFirstMs = soundMs === 0 ? 0 : sinceFirstMs + blockMs;
    if (soundMs < neededMs()) return undefined;
    voiced = true;
    voicedMs = sinceFirstMs;
    sinceLastMs = 0;
    return { type: 'started', onsetMs: sinceFirstMs, levelDb: frameDb };
  }

  /** A plosive leaves a gap in a first word: what has come and gone for a while needs less. */
  const neededMs = () => (sinceFirstMs >= patchyMs ? (settings.onsetMs * 2) / 3 : settings.onsetMs);

  function goOn(sounds: boolean): VoiceChange | undefined {
    sinceLastMs = sounds ? 0 : sinceLastMs + blockMs;
    return sinceLastMs >= settings.hangoverMs ? stop(false) : undefined;
  }

  function stop(isEcho: boolean): VoiceChange {
    voiced = false;
    voicedMs = 0;
    soundMs = 0;
    sinceFirstMs = 0;
    return { type: 'stopped', quietMs: sinceLastMs, echo: isEcho };
  }

  return {
    step,
    get voiced() {
      return voiced;
    },
    get levelDb() {
      return frameDb;
    },
  };
}

/** Takes out hum and rumble below 150 Hz (second-order Butterworth); fills `block` and returns its level in dBFS. */
function createHighPass() {
  const w = Math.tan((Math.PI * 150) / sampleRateHz);
  const norm = 1 / (1 + Math.SQRT2 * w + w * w);
  const a1 = 2 * (w * w - 1) * norm;
  const a2 = (1 - Math.SQRT2 * w + w * w) * norm;
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  return (frame: Int16Array, from: number, block: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < blockSamples; i += 1) {
      const x = frame[from + i]!;
      const y = norm * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2;
      x2 = x1;
      x1 = x;
      y2 = y1;
      y1 = y;
      block[i] = y;
      sum += y * y;
    }
    return Math.max(-100, 10 * Math.log10(sum / blockSamples / 32_768 ** 2 + 1e-10));
  };
}
