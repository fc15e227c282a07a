import { envelopeMatch } from './envelope.ts';

export interface EchoReturnOptions {
  /** How loud our own voice is taken to come back before anything was learned, dB relative to what we send. Default -40. */
  readonly echoReturnDb: number;
  /** How far above the expected echo a sound must be to be the caller's, dB. Default 4. */
  readonly echoMarginDb: number;
  /** How long after it was sent our voice may come back, ms. Default 500. */
  readonly echoTailMs: number;
  /** Rise or fall of our voice, a duck most of all, that the heard sound must follow to be its echo, dB. Default 6. */
  readonly duckDb: number;
  /** How long the sound must have followed our voice, ms. Default 240. */
  readonly echoProofMs: number;
}

const frameMs = 20;
const silentDb = -60;
/** No line returns more than this; a caller must never become inaudible by a wrong lesson. */
const mostReturnDb = -8;
/** An echo is heard in every stretch of this many frames in which we speak all the time; if not, there is less of it. */
const checkFrames = 50;
/** So many frames in a row must tell of the same delay. */
const agreeingFrames = 2;

/** Knows how much of our own voice the line brings back, by comparing the rise and fall of what is sent and heard. */
export interface EchoReturn {
  /** Takes the levels of a frame, dBFS. `voicedMs`: how long a voice has been on, 0 for none. */
  step(heardDb: number, outboundDb: number, voicedMs: number): void;
  /** Level that echo alone may reach now, dBFS. */
  readonly floorDb: number;
  /** What is heard now has risen and fallen with our own voice for `echoProofMs`. */
  readonly isEcho: boolean;
}

export function createEchoReturn(options: EchoReturnOptions): EchoReturn {
  const lags = Math.round(options.echoTailMs / frameMs);
  const proof = Math.round(options.echoProofMs / frameMs);
  const longest = 2 * proof;
  const sent = new Float64Array(lags + longest).fill(-100);
  const heard = new Float64Array(longest).fill(-100);
  let returnDb = options.echoReturnDb;
  let mostDb = -100;
  let checked = 0;
  let lag = -1;
  let agreeing = 0;
  let floorDb = -100;
  let isEcho = false;
  let before = -100;
  let beforeThat = -100;

  function step(frameDb: number, outboundDb: number, voicedMs: number): void {
    // The sent level is the loudest of 60 ms: so is the heard one that is compared.
    const heardDb = Math.max(frameDb, before, beforeThat);
    beforeThat = before;
    before = frameDb;
    shift(sent, outboundDb);
    shift(heard, heardDb);
    let loudest = -100;
    for (let i = sent.length - lags; i < sent.length; i += 1) loudest = Math.max(loudest, sent[i]!);
    isEcho = loudest > silentDb && prove(voicedMs);
    if (loudest > silentDb && voicedMs === 0) unlearn(heardDb - loudest);
    floorDb = loudest > silentDb ? loudest + returnDb + options.echoMarginDb : -100;
  }

  /** In a voice as long as it is on, otherwise over the longest stretch kept. */
  function prove(voicedMs: number): boolean {
    const frames = voicedMs > 0 ? Math.min(longest, Math.round(voicedMs / frameMs)) : longest;
    if (frames < proof) return false;
    const match = envelopeMatch(heard, sent, { frames, lags, leastRangeDb: options.duckDb });
    agreeing = match && Math.abs(match.lag - lag) <= 1 ? agreeing + 1 : 0;
    lag = match?.lag ?? -1;
    if (!match || agreeing < agreeingFrames) return false;
    returnDb = Math.max(returnDb, Math.min(mostReturnDb, match.returnDb));
    return true;
  }

  /** Falls back when less comes back than was learned: the echo was cancelled, or it was none. */
  function unlearn(nowDb: number): void {
    if (!speaksAllTheTime()) return;
    mostDb = Math.max(nowDb, mostDb);
    checked += 1;
    if (checked < checkFrames) return;
    if (mostDb < returnDb - 3) returnDb = Math.max(options.echoReturnDb, mostDb + 1);
    mostDb = -100;
    checked = 0;
  }

  function speaksAllTheTime(): boolean {
    let silent = 0;
    for (let i = sent.length - lags; i < sent.length; i += 1) if (sent[i]! < silentDb) silent += 1;
    return silent < lags / 5;
  }

  return {
    step,
    get floorDb() {
      return floorDb;
    },
    get isEcho() {
      return isEcho;
    },
  };
}

function shift(levels: Float64Array, db: number): void {
  levels.copyWithin(0, 1);
  levels[levels.length - 1] = db;
}
