export interface EchoReturnOptions {
  /** How loud our own voice is taken to come back before anything was learned, dB relative to what we send. Default -35. */
  readonly echoReturnDb: number;
  /** How far above the expected echo a sound must be to be the caller's, dB. Default 4. */
  readonly echoMarginDb: number;
  /** How long after it was sent our voice may come back, ms. Default 400. */
  readonly echoTailMs: number;
  /** Fall of our voice that is a duck, and fall of the heard sound that goes with it, dB. Default 6. */
  readonly duckDb: number;
  /** How long after the duck the heard sound may fall with it, ms. Default 400. */
  readonly duckWindowMs: number;
}

const blockMs = 10;
const silentDb = -60;
/** The heard level that is compared is a mean over this many blocks, and must have fallen for so many. */
const meanBlocks = 8;
const settledBlocks = 6;

/** Knows how much of our own voice the line brings back, and finds out by ducking. */
export interface EchoReturn {
  /** Level that echo alone may reach now, dBFS. Once a block of 10 ms. */
  floorDb(outboundDb: number): number;
  /** Takes what was heard in this block while nobody speaks: the return it hints at. */
  learn(levelDb: number): void;
  /** A voice began: what was sent until now may be what is heard. */
  began(): void;
  /** True once, when the heard sound fell with our own voice. Every block while a voice is on. */
  fell(levelDb: number, noiseDb: number): boolean;
}

export function createEchoReturn(options: EchoReturnOptions): EchoReturn {
  const recent = new Float64Array(Math.max(1, Math.round(options.echoTailMs / blockMs))).fill(-100);
  let block = 0;
  let returnDb = options.echoReturnDb;
  let loudestDb = -100;
  let nowDb = -100;
  let most = -100;
  let learned = 0;
  let test = newTest(-100);

  function floorDb(outboundDb: number): number {
    nowDb = outboundDb;
    recent[block % recent.length] = outboundDb;
    block += 1;
    loudestDb = -100;
    for (const db of recent) loudestDb = Math.max(loudestDb, db);
    return loudestDb < silentDb ? -100 : loudestDb + returnDb + options.echoMarginDb;
  }

  /** Once a second of our speech: towards the most that came back, by at most 3 dB up and 1 dB down. */
  function learn(levelDb: number): void {
    if (nowDb < silentDb) return;
    most = Math.max(most, levelDb - loudestDb);
    learned += 1;
    if (learned < 1000 / blockMs) return;
    returnDb += Math.max(-1, Math.min(3, most - returnDb));
    returnDb = Math.max(returnDb, options.echoReturnDb);
    [most, learned] = [-100, 0];
  }

  function began(): void {
    test = newTest(loudestDb);
  }

  function fell(levelDb: number, noiseDb: number): boolean {
    if (test.done || test.sentDb < silentDb) return false;
    const energy = 10 ** (levelDb / 10);
    test.meanEnergy += (energy - test.meanEnergy) / Math.min(meanBlocks, (test.blocks += 1));
    const heardDb = 10 * Math.log10(Math.max(1e-10, test.meanEnergy));
    test.heardDb = Math.max(test.heardDb, heardDb);
    const duckedDb = test.sentDb - nowDb;
    if (duckedDb >= options.duckDb) test.sinceDuckMs += blockMs;
    test.settled = followsDuck(test.heardDb - heardDb, duckedDb, heardDb - noiseDb) ? test.settled + 1 : 0;
    if (test.settled >= settledBlocks) return conclude(test.heardDb - test.sentDb);
    test.done = test.sinceDuckMs > options.duckWindowMs;
    return false;
  }

  /** A caller who stops talking falls much further than the duck; an echo goes on, lower, or is lost in the noise. */
  function followsDuck(fallDb: number, duckedDb: number, aboveNoiseDb: number): boolean {
    if (duckedDb < options.duckDb || fallDb < options.duckDb) return false;
    const wasAboveNoiseDb = fallDb + aboveNoiseDb;
    return fallDb <= duckedDb + 5 ? aboveNoiseDb > 3 || wasAboveNoiseDb < 15 : wasAboveNoiseDb < 15;
  }

  function conclude(heardReturnDb: number): true {
    returnDb = Math.max(returnDb, Math.min(0, heardReturnDb));
    test.done = true;
    return true;
  }

  return { floorDb, learn, began, fell };
}

const newTest = (sentDb: number) => ({
  sentDb,
  heardDb: -100,
  meanEnergy: 0,
  blocks: 0,
  sinceDuckMs: 0,
  settled: 0,
  done: false,
});
