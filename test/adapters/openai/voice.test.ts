import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createOpenAiEmulator } from '../../../emulators/openai/emulator.ts';
import type { OpenAiSettings } from '../../../emulators/openai/settings.ts';
import { createOpenAiVoice, type OpenAiVoiceOptions } from '../../../src/adapters/openai/voice.ts';
import { msOf } from '../../../src/audio/pcm.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { listenTo, voiceContract, type VoiceBed, type VoiceProblem } from '../../support/contracts/voice.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';

expectNoUnhandledRejections();

const quick = { firstAudioMs: 20, realTimeFactor: 20 };

async function open(options: Partial<OpenAiVoiceOptions> = {}, settings: Partial<OpenAiSettings> = {}) {
  const emulator = await createOpenAiEmulator({ settings: { ...quick, ...settings } });
  const thrown: unknown[] = [];
  const voice = createOpenAiVoice({
    apiKey: new Secret(emulator.keys.openai),
    baseUrl: emulator.url,
    voice: 'alloy',
    clock: systemClock,
    threw: (error) => thrown.push(error),
    ...options,
  });
  const close = async () => void (await Promise.all([emulator.close(), voice.close()]));
  return { emulator, voice, thrown, close };
}

const problems: Record<VoiceProblem, object> = {
  refused: { kind: 'status', status: 500 },
  cut: { kind: 'reset', after: 3 },
  stalled: { kind: 'stall', after: 3 },
};

async function openBed(): Promise<VoiceBed> {
  const { emulator, voice, thrown, close } = await open();
  return {
    thrown,
    voice,
    trouble: (problem) => emulator.faults.add({ ...problems[problem], times: 1 }),
    pass: (ms) => delay(ms),
    close,
  };
}

voiceContract('OpenAI', openBed, 'estimated');

const text = 'one two three four five six seven eight nine ten. ';
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000 });

async function opened(options: Partial<OpenAiVoiceOptions> = {}, settings: Partial<OpenAiSettings> = {}) {
  const bed = await open(options, settings);
  onTestFinished(bed.close);
  return bed;
}

const failing: [name: string, fault: object, failure: object][] = [
  ['refuses connections', { kind: 'refuse' }, { class: 'network', phase: 'connect', errno: 'ECONNREFUSED' }],
  ['is reset at the handshake', { kind: 'reset', at: 'handshake' }, { class: 'network', phase: 'connect' }],
  ['answers 401', { kind: 'status', status: 401 }, { class: 'auth', httpStatus: 401, retryable: false }],
  ['answers 403', { kind: 'status', status: 403 }, { class: 'auth', httpStatus: 403, retryable: false }],
  [
    'answers 429 and says for how long',
    { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
    { class: 'api', sub: 'rate', httpStatus: 429, retryAfterMs: 2000 },
  ],
  ['answers 500', { kind: 'status', status: 500 }, { class: 'api', sub: 'server', httpStatus: 500 }],
  ['answers 503', { kind: 'status', status: 503 }, { class: 'api', sub: 'server', httpStatus: 503 }],
  ['is reset in mid-stream', { kind: 'reset', after: 2 }, { class: 'network', phase: 'stream' }],
  ['closes in mid-stream', { kind: 'close', after: 2 }, { class: 'network', sub: 'stall', phase: 'stream' }],
  ['sends garbage', { kind: 'garbage', after: 2 }, { class: 'api', sub: 'protocol', phase: 'stream' }],
  ['sends an error in mid-stream', { kind: 'error', after: 2 }, { class: 'api', sub: 'server', phase: 'stream' }],
];

describe('R10.4 OpenAI’s voice', () => {
  it.each(failing)('that %s is one failure, sorted', async (_, fault, failure) => {
    const { emulator, voice } = await opened();
    emulator.faults.add(fault);
    const listened = listenTo(voice);
    listened.utterance.say(text);
    listened.utterance.end();
    await until(listened.over);
    expect(listened.facts.at(-1)).toMatchObject({ type: 'voice.failed', failure: { vendor: 'openai', ...failure } });
    expect(listened.facts.filter(({ type }) => type === 'voice.failed')).toHaveLength(1);
    expect(listened.words().every(({ endMs }) => endMs <= msOf(listened.pcm().length))).toBe(true);
  });

  it('says what is already there of the text before one that fails', async () => {
    const { emulator, voice } = await opened();
    const listened = listenTo(voice);
    listened.utterance.say('Good evening. ');
    await until(() => listened.facts.length > 0);
    emulator.faults.add({ kind: 'status', status: 500 });
    listened.utterance.say('Hotel Lindau. ');
    await until(listened.over);
    expect(listened.heard()).toEqual(['Good', 'evening.']);
    expect(listened.words().map((word) => word.text)).toEqual(['Good', 'evening.']);
  });

  it('with a text of 30,000 characters waiting fails instead of growing', async () => {
    const { voice } = await opened({}, { firstAudioMs: 5000 });
    const listened = listenTo(voice);
    listened.utterance.say('word '.repeat(6000));
    expect(listened.facts).toMatchObject([{ type: 'voice.failed', failure: { sub: 'protocol' } }]);
  });

  it('asks for PCM in events, a text a request, and sends the key nowhere else', async () => {
    const { emulator, voice } = await opened();
    const listened = listenTo(voice);
    listened.utterance.say('Yes. ');
    listened.utterance.end();
    await until(listened.over);
    const [asked] = emulator.journal.entries({ type: 'speech.asked' });
    expect(asked!['body']).toEqual({
      model: 'gpt-4o-mini-tts',
      voice: 'alloy',
      input: 'Yes. ',
      response_format: 'pcm',
      stream_format: 'sse',
    });
    expect(JSON.stringify(emulator.journal.entries())).not.toContain(emulator.keys.openai);
  });

  it('whose key is wrong tells so without telling it', async () => {
    const { voice } = await opened({ apiKey: new Secret('sk-wrong-key-of-somebody') });
    expect(await voice.warm()).toMatchObject({ class: 'auth' });
    const listened = listenTo(voice);
    listened.utterance.say('Yes. ');
    await until(listened.over);
    expect(JSON.stringify(listened.facts)).not.toContain('sk-wrong');
  });
});
