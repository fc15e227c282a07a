import { describe, expect, it } from 'vitest';
import type { Failure } from '../../src/failure.ts';
import type { FakeVoiceOptions, VoiceTrouble } from '../support/fakes/fake-voice.ts';
import { failure } from '../support/call-plays.ts';
import { openReply, type ReplyBenchOptions } from '../support/reply-bench.ts';

const text = 'Ruby it is, a fine stone, and rare. It is yours for the asking.';
const model: ReplyBenchOptions['model'] = { answer: () => ({ text }) };
const filler = 'One moment, please.';
const apology = 'I am sorry, something went wrong on our side.';

type Faulty = Omit<FakeVoiceOptions, 'clock'>;

const troubled = (trouble: VoiceTrouble): Faulty => ({ trouble: () => trouble });
const fails = (facts: Partial<Failure>, failAfter = 0) => troubled({ failure: { ...failure, ...facts }, failAfter });
const hangs = troubled({ stallAfter: 0 });
const status = (httpStatus: number, more = {}) => fails({ httpStatus, ...more });

const faults: readonly (readonly [string, Faulty])[] = [
  ['refuses', fails({ class: 'network', errno: 'ECONNREFUSED' })],
  ['hangs', hangs],
  ['stalls in mid-stream', troubled({ stallAfter: 4 })],
  ['stalls with its last word said', troubled({ stallAfter: 13 })],
  ['is reset in mid-stream', fails({ class: 'network' }, 5)],
  ['closes in mid-stream', fails({ class: 'network', sub: 'stall' }, 2)],
  ['answers 401', status(401, { class: 'auth', retryable: false })],
  ['answers 403', status(403, { class: 'auth', retryable: false })],
  ['answers 429', status(429)],
  ['answers 429 with Retry-After', status(429, { retryAfterMs: 20_000 })],
  ['answers 500', status(500)],
  ['answers 503', status(503)],
  ['sends garbage', fails({ sub: 'protocol' }, 3)],
  ['drips', { realTimeFactor: 0.3 }],
  ['begins late', { firstAudioMs: 1800 }],
];

describe('R10.4 a voice that fails', () => {
  it.each(faults)('%s: the second goes on at the first unheard word, nothing is heard twice', async (_, voice) => {
    const call = openReply({ model, voice, secondVoice: {} });
    await call.plays();
    expect(call.heard()).toBe(text);
    expect(call.clips).toEqual([]);
    expect(call.finished()).toBe(true);
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  });

  it('while the model still writes is followed by one that says the rest', async () => {
    const call = openReply({ model: { ...model, tokenMs: 300 }, voice: fails({}, 5), secondVoice: {} });
    await call.plays();
    expect(call.heard().replace(`${filler} `, '')).toBe(text);
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  });

  it('is followed by one that is slow: a stored phrase is heard until it comes', async () => {
    const call = openReply({ model, voice: fails({}, 3), secondVoice: { firstAudioMs: 1400 } });
    await call.plays();
    expect(call.clips).toEqual([filler]);
    expect(call.heard()).toBe(text);
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  });

  it.each([
    ['refuse', fails({})],
    ['hang', hangs],
    ['stall in mid-stream', troubled({ stallAfter: 2 })],
  ])('with all others, which %s: a stored apology is heard', async (_, voice) => {
    const call = openReply({ model, voice, secondVoice: voice });
    await call.plays();
    expect(call.clips.at(-1)).toBe(apology);
    expect(call.finished()).toBe(true);
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  });

  it.each([
    ['the only one', undefined],
    ['followed by one that hangs', hangs],
    ['followed by one that begins late', { firstAudioMs: 1400 }],
  ] satisfies [string, Faulty | undefined][])(
    'at the second filler, %s: silence ends within 2.5 s',
    async (_, secondVoice) => {
      const hung: ReplyBenchOptions['model'] = { answer: () => ({ text, stallAfter: 0 }) };
      const call = openReply({ model: hung, backup: hung, voice: troubled({ stallAfter: 3 }), secondVoice });
      await call.plays();
      expect(call.finished()).toBe(true);
      expect(Math.max(...call.silences())).toBeLessThan(2500);
    },
  );

  it('and the model fail together: each is followed by its second', async () => {
    const call = openReply({
      model: { answer: () => ({ text, stallAfter: 4 }) },
      backup: { answer: () => ({ text }) },
      voice: troubled({ stallAfter: 2 }),
      secondVoice: {},
    });
    await call.plays();
    expect(call.heard().replaceAll(`${filler} `, '')).toBe(text);
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  });
});
