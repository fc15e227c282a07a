/** Half-band low-pass (windowed sinc, cut at 3.8 kHz for 8 ⇄ 16 kHz): 47 taps, Blackman. */
const taps = 47;
const middle = (taps - 1) / 2;
const cutoff = 3800 / 16_000;

/** A stream of PCM in pieces of any length. State is kept between pieces; the delay is 23 samples at 16 kHz (1.4 ms). */
export interface Resampler {
  push(pcm: Int16Array): Int16Array;
}

/** 8 kHz to 16 kHz. */
export function createUpsampler(): Resampler {
  const history = createHistory();
  return {
    push(pcm) {
      const spread = new Int16Array(2 * pcm.length);
      for (let i = 0; i < pcm.length; i += 1) spread[2 * i] = pcm[i]!;
      const line = history.extend(spread);
      const out = new Int16Array(spread.length);
      for (let i = 0; i < out.length; i += 1) out[i] = clamp(2 * filterAt(line, i));
      return out;
    },
  };
}

/** 16 kHz to 8 kHz. */
export function createDownsampler(): Resampler {
  const history = createHistory();
  let skip = 0;
  return {
    push(pcm) {
      const line = history.extend(pcm);
      const out = new Int16Array(Math.max(0, Math.ceil((pcm.length - skip) / 2)));
      for (let i = 0; i < out.length; i += 1) out[i] = clamp(filterAt(line, 2 * i + skip));
      skip = (skip + pcm.length) % 2;
      return out;
    },
  };
}

/** 24 kHz to 16 kHz, cut at 7.2 kHz; two thirds of a millisecond at the end of the stream stay inside. */
export function createThirdDropper(): Resampler {
  let line = new Int16Array(reach);
  /** Place of the next sample given out, in `line`, in half samples. */
  let at = 2 * reach;
  return {
    push(pcm) {
      const longer = new Int16Array(line.length + pcm.length);
      longer.set(line);
      longer.set(pcm, line.length);
      const out: number[] = [];
      for (; (at >> 1) + reach + 1 < longer.length; at += 3) out.push(clamp(interpolated(longer, at)));
      const done = (at >> 1) - reach;
      line = longer.slice(done);
      at -= 2 * done;
      return Int16Array.from(out);
    },
  };
}

const reach = 15;

function interpolated(line: Int16Array, at: number): number {
  const wanted = thirdKernels[at & 1]!;
  const first = (at >> 1) - reach;
  let sum = 0;
  for (let i = 0; i < wanted.length; i += 1) sum += wanted[i]! * line[first + i]!;
  return sum;
}

/** For a sample that lies on one of the old ones, and for one half-way between two. */
const thirdKernels = [0, 0.5].map((phase) => {
  const raw = Float64Array.from({ length: 2 * reach + 2 }, (_, i) => {
    const place = i - reach - phase;
    return (
      sinc(0.6 * place) *
      (0.42 + 0.5 * Math.cos((Math.PI * place) / (reach + 1)) + 0.08 * Math.cos((2 * Math.PI * place) / (reach + 1)))
    );
  });
  const sum = raw.reduce((total, tap) => total + tap, 0);
  return raw.map((tap) => tap / sum);
});

/** Keeps the last `taps - 1` samples in front of the new ones. */
function createHistory() {
  let tail = new Int16Array(taps - 1);
  return {
    extend(pcm: Int16Array): Int16Array {
      const line = new Int16Array(tail.length + pcm.length);
      line.set(tail);
      line.set(pcm, tail.length);
      tail = line.slice(-(taps - 1));
      return line;
    },
  };
}

function filterAt(line: Int16Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < taps; i += 1) sum += kernel[i]! * line[from + i]!;
  return sum;
}

function makeKernel(): Float64Array {
  const raw = Float64Array.from({ length: taps }, (_, i) => sinc(2 * cutoff * (i - middle)) * blackman(i));
  const sum = raw.reduce((total, tap) => total + tap, 0);
  return raw.map((tap) => tap / sum);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

const blackman = (i: number): number =>
  0.42 - 0.5 * Math.cos((2 * Math.PI * i) / (taps - 1)) + 0.08 * Math.cos((4 * Math.PI * i) / (taps - 1));

const clamp = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)));

const kernel = makeKernel();
