/** Sounds that are no words, made of filtered noise at 8 kHz. The same every time. */
export interface Noise {
  readonly name: string;
  readonly sort: 'cough' | 'breath' | 'tap' | 'door';
  /** Level of the loudest 20 ms, dBFS. */
  readonly peakDb: number;
  readonly bursts: readonly Burst[];
}

interface Burst {
  readonly atMs: number;
  readonly attackMs: number;
  /** Time in which it falls by 60 dB. */
  readonly decayMs: number;
  readonly holdMs?: number;
  /** Resonance, Hz, and its sharpness. */
  readonly hz: number;
  readonly q: number;
  readonly gain?: number;
}

const rateHz = 8000;
const cough = (atMs: number, gain = 1): Burst[] => [
  { atMs, attackMs: 4, holdMs: 30, decayMs: 180, hz: 900, q: 0.7, gain },
  { atMs: atMs + 60, attackMs: 20, holdMs: 40, decayMs: 260, hz: 500, q: 2, gain: 0.5 * gain },
];
const tap = (atMs: number): Burst[] => [
  { atMs, attackMs: 0.5, decayMs: 14, hz: 2600, q: 3 },
  { atMs: atMs + 90, attackMs: 0.5, decayMs: 12, hz: 2100, q: 3, gain: 0.6 },
];

export const noises: readonly Noise[] = [
  { name: 'noise-cough', sort: 'cough', peakDb: -16, bursts: cough(0) },
  { name: 'noise-cough-twice', sort: 'cough', peakDb: -16, bursts: [...cough(0), ...cough(380, 0.8)] },
  {
    name: 'noise-throat',
    sort: 'cough',
    peakDb: -22,
    bursts: [{ atMs: 0, attackMs: 30, holdMs: 120, decayMs: 200, hz: 420, q: 3 }],
  },
  {
    name: 'noise-sniff',
    sort: 'breath',
    peakDb: -30,
    bursts: [{ atMs: 0, attackMs: 60, holdMs: 60, decayMs: 150, hz: 1800, q: 1 }],
  },
  {
    name: 'noise-breath',
    sort: 'breath',
    peakDb: -38,
    bursts: [{ atMs: 0, attackMs: 200, holdMs: 150, decayMs: 500, hz: 1200, q: 0.8 }],
  },
  {
    name: 'noise-sigh',
    sort: 'breath',
    peakDb: -32,
    bursts: [{ atMs: 0, attackMs: 80, holdMs: 200, decayMs: 700, hz: 800, q: 0.8 }],
  },
  { name: 'noise-key-tap', sort: 'tap', peakDb: -24, bursts: tap(0) },
  { name: 'noise-typing', sort: 'tap', peakDb: -24, bursts: [0, 210, 370, 590, 760].flatMap(tap) },
  {
    name: 'noise-door',
    sort: 'door',
    peakDb: -18,
    bursts: [{ atMs: 0, attackMs: 2, decayMs: 220, hz: 330, q: 2 }, ...tap(25)],
  },
  {
    name: 'noise-knock',
    sort: 'door',
    peakDb: -20,
    bursts: [0, 240].map((atMs) => ({ atMs, attackMs: 1, decayMs: 70, hz: 450, q: 4 })),
  },
];

/** Renders one at 8 kHz. */
export function renderNoise(noise: Noise): Int16Array {
  const endMs = Math.max(
    ...noise.bursts.map((burst) => burst.atMs + burst.attackMs + (burst.holdMs ?? 0) + burst.decayMs),
  );
  const sum = new Float64Array(Math.ceil((endMs * rateHz) / 1000));
  for (const [i, burst] of noise.bursts.entries()) addBurst(sum, burst, i + 1);
  const scale = (10 ** (noise.peakDb / 20) * 32_768) / loudest(sum);
  return Int16Array.from(sum, (value) => Math.max(-32_000, Math.min(32_000, Math.round(value * scale))));
}

function addBurst(sum: Float64Array, burst: Burst, seed: number): void {
  const random = randomly(seed);
  const filter = bandPass(burst.hz, burst.q);
  const from = Math.round((burst.atMs * rateHz) / 1000);
  for (let i = from; i < sum.length; i += 1) {
    const ms = ((i - from) * 1000) / rateHz;
    sum[i]! += (burst.gain ?? 1) * envelope(ms, burst) * filter(random() - 0.5);
  }
}

function envelope(ms: number, { attackMs, holdMs = 0, decayMs }: Burst): number {
  if (ms < attackMs) return ms / attackMs;
  const fallMs = Math.max(0, ms - attackMs - holdMs);
  return 10 ** ((-3 * fallMs) / decayMs);
}

function bandPass(hz: number, q: number): (x: number) => number {
  const angle = (2 * Math.PI * hz) / rateHz;
  const alpha = Math.sin(angle) / (2 * q);
  let [x1, x2, y1, y2] = [0, 0, 0, 0];
  return (x) => {
    const y = (alpha * (x - x2) + 2 * Math.cos(angle) * y1 - (1 - alpha) * y2) / (1 + alpha);
    [x2, x1, y2, y1] = [x1, x, y1, y];
    return y;
  };
}

/** RMS of the loudest 20 ms. */
function loudest(pcm: Float64Array): number {
  let most = 0;
  for (let from = 0; from < pcm.length; from += 80) {
    const piece = pcm.subarray(from, from + 160);
    most = Math.max(most, Math.sqrt(piece.reduce((sum, value) => sum + value * value, 0) / 160));
  }
  return most;
}

/** Park-Miller. */
function randomly(seed: number): () => number {
  let state = (seed * 7919) % 2_147_483_647;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
