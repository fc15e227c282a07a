import * as fc from '../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { levelDb } from '../../src/audio/pcm.ts';
import { createDownsampler, createThirdDropper, createUpsampler } from '../../src/audio/resample.ts';
import { readWav, writeWav } from '../../src/audio/wav.ts';
import { joined, sine } from '../support/sounds.ts';

const samples = fc.integer({ min: -32_768, max: 32_767 });
const sounds = fc.array(samples, { maxLength: 400 }).map((all) => Int16Array.from(all));
const allBytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Between 2^n - 132 and 2^(n+1) - 132, 16 steps of one size (G.711, its bias in 16 bits). */
const stepsOff = (sample: number, back: number) => {
  const magnitude = Math.min(Math.abs(sample), 32_635);
  const step = 2 ** (Math.floor(Math.log2(magnitude + 132)) - 4);
  return Math.abs(Math.abs(back) - magnitude) / step;
};

const throughTelephone = (hz: number) => createDownsampler().push(sine(16_000, hz, -15));

describe('mu-law', () => {
  it('gives the values of G.711', () => {
    expect([...decodeMulaw(Uint8Array.of(0x00, 0x80, 0xff, 0x7f, 0xf0, 0x8f))]).toEqual([
      -32_124, 32_124, 0, 0, 120, 16_764,
    ]);
    expect([...encodeMulaw(Int16Array.of(0, 32_767, -32_768, 1000, -1000))]).toEqual([0xff, 0x80, 0x00, 0xce, 0x4e]);
  });

  it('brings every code back, but for the second zero', () => {
    expect([...encodeMulaw(decodeMulaw(allBytes))]).toEqual([...allBytes].map((byte) => (byte === 0x7f ? 0xff : byte)));
  });

  it('is never off by more than half a step of its size', () => {
    const every = Int16Array.from({ length: 65_536 }, (_, at) => at - 32_768);
    const back = decodeMulaw(encodeMulaw(every));
    const worst = every.reduce((most, sample, at) => Math.max(most, stepsOff(sample, back[at]!)), 0);
    expect(worst).toBeLessThanOrEqual(0.5);
  });
});

describe('resampling', () => {
  it('keeps the telephone band and removes what would fold into it', () => {
    for (const hz of [300, 1000, 2840]) expect(levelDb(throughTelephone(hz).subarray(100))).toBeCloseTo(-15, 0);
    for (const hz of [5200, 6000, 7500]) expect(levelDb(throughTelephone(hz).subarray(100))).toBeLessThan(-60);
    expect(
      levelDb(
        createUpsampler()
          .push(sine(8000, 1000, -15, 8000))
          .subarray(100),
      ),
    ).toBeCloseTo(-15, 0);
  });

  it('does not mind how the stream is cut', () => {
    fc.assert(
      fc.property(sounds, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (pcm, cuts) => {
        for (const make of [createDownsampler, createUpsampler]) {
          const resampler = make();
          const pieces: Int16Array[] = [];
          for (let at = 0, i = 0; at < pcm.length; at += cuts[i % cuts.length]!, i += 1) {
            pieces.push(resampler.push(pcm.subarray(at, at + cuts[i % cuts.length]!)));
          }
          expect(joined(...pieces)).toEqual(make().push(pcm));
        }
      }),
    );
  });
});

describe('WAV files', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(sounds, fc.constantFrom(8000, 16_000, 48_000), (pcm, sampleRateHz) => {
        expect(readWav(writeWav({ sampleRateHz, pcm }, 'pcm16'))).toEqual({ sampleRateHz, pcm });
        const telephone = { sampleRateHz, pcm: decodeMulaw(encodeMulaw(pcm)) };
        expect(readWav(writeWav(telephone, 'mulaw'))).toEqual(telephone);
      }),
    );
  });

  it('are read to their end when a pipe left the length open, and past chunks of others', () => {
    const file = writeWav({ sampleRateHz: 8000, pcm: Int16Array.of(1, 2, 3) }, 'pcm16');
    new DataView(file.buffer).setUint32(40, 0x7f_ff_ff_ff, true);
    const list = Uint8Array.of(...new TextEncoder().encode('LIST'), 3, 0, 0, 0, 1, 2, 3, 0);
    const odd = Uint8Array.from([...file.subarray(0, 36), ...list, ...file.subarray(36)]);
    expect(readWav(odd).pcm).toEqual(Int16Array.of(1, 2, 3));
  });

  it('that cannot be read say why', () => {
    const file = writeWav({ sampleRateHz: 8000, pcm: Int16Array.of(1, 2) }, 'pcm16');
    const broken = (at: number, value: number) => Uint8Array.from(file, (byte, i) => (i === at ? value : byte));
    expect(() => readWav(new Uint8Array(3))).toThrow('not a WAV file: no RIFF/WAVE header');
    expect(() => readWav(broken(12, 0))).toThrow('no complete "fmt " chunk');
    expect(() => readWav(broken(36, 0))).toThrow('no "data" chunk');
    expect(() => readWav(broken(22, 2))).toThrow('WAV file has 2 channels; allowed: 1');
    expect(() => readWav(broken(20, 6))).toThrow('WAV file has format 6 with 16 bits; allowed');
    expect(() => readWav(broken(25, 0))).toThrow('WAV file has 64 Hz; allowed: 8000…48000');
    for (let cut = 0; cut < file.length - 4; cut += 1) {
      const read = () => readWav(file.subarray(0, cut));
      if (cut < 44) expect(read).toThrow(/WAV/);
      else expect(read().pcm.length).toBeLessThanOrEqual(2);
    }
  });
});

const dropped = (hz: number) => createThirdDropper().push(sine(24_000, hz, -15, 24_000));

describe('24 kHz as 16 kHz', () => {
  it.each([300, 1000, 3000, 6000])('keeps a tone of %d Hz as loud and as long as it was', (hz) => {
    const out = dropped(hz);
    const whole = (sine(24_000, hz, -15, 24_000).length * 2) / 3;
    expect(Math.abs(levelDb(out.subarray(200, -200)) - levelDb(sine(16_000, hz, -15)))).toBeLessThan(0.5);
    expect(whole - out.length).toBeGreaterThanOrEqual(0);
    expect(whole - out.length).toBeLessThan(16);
  });

  it('lets nothing through that 16 kHz cannot hold', () => {
    expect(levelDb(dropped(10_000).subarray(200, -200))).toBeLessThan(-60);
  });

  it('is the same wherever the stream is cut', () => {
    fc.assert(
      fc.property(sounds, fc.array(fc.nat(400), { maxLength: 6 }), (pcm, cuts) => {
        const { push } = createThirdDropper();
        const places = [0, ...cuts.map((cut) => Math.min(cut, pcm.length)).sort((a, b) => a - b), pcm.length];
        const pieces = places.slice(1).flatMap((to, i) => [...push(pcm.subarray(places[i], to))]);
        expect(pieces).toEqual([...createThirdDropper().push(pcm)]);
      }),
    );
  });
});
