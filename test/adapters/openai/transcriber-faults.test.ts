import { describe, expect, onTestFinished, test } from 'vitest';
import { createOpenAiEmulator, type OpenAiEmulator } from '../../../emulators/openai/emulator.ts';
import { encodeWord } from '../../../emulators/tones/codec.ts';
import type { TranscriberFact } from '../../../src/actors/transcriber.ts';
import { createOpenAiTranscriber } from '../../../src/adapters/openai/transcriber.ts';
import { samplesOf } from '../../../src/audio/pcm.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { recordFacts } from '../../support/record-facts.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { framesOf, spoken, write } from '../deepgram/world.ts';

expectNoUnhandledRejections();

async function start(
  provider: 'openai' | 'groq' = 'openai',
  emulated: Parameters<typeof createOpenAiEmulator>[0] = {},
) {
  const emulator = await createOpenAiEmulator({ settings: { transcriptionMs: 5 }, ...emulated });
  const transcriber = createOpenAiTranscriber({
    name: provider,
    provider,
    apiKey: new Secret(emulator.keys[provider]),
    baseUrl: provider === 'groq' ? emulator.groqUrl : emulator.url,
    model: provider === 'groq' ? 'whisper-large-v3-turbo' : 'gpt-4o-mini-transcribe',
    clock: systemClock,
  });
  onTestFinished(async () => {
    await emulator.close();
    await transcriber.close();
  });
  const listen = (languages = ['en'], terms: string[] = []) => {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const heard = recordFacts<TranscriberFact>();
    return { ...heard, session: transcriber.open({ signal: stop.signal, languages, terms }, heard.report) };
  };
  return { emulator, transcriber, listen };
}

const opened = (fact: TranscriberFact) => fact.type === 'stt.opened';
const hasFailed = (fact: TranscriberFact) => fact.type === 'stt.failed';
const asked = ({ journal }: OpenAiEmulator) => journal.entries({ type: 'transcription.asked' });

/** How an utterance fails under a fault. */
async function failureUnder(fault: object) {
  const { emulator, listen } = await start();
  const { facts, until, session } = listen();
  await until(opened);
  emulator.faults.add(fault);
  write(session, spoken('one two three four'));
  const fact = await until(hasFailed);
  expect(facts.filter(hasFailed)).toEqual([facts.at(-1)]);
  return fact.type === 'stt.failed' ? fact.failure : undefined;
}

describe('transcription that fails', () => {
  test.each([
    ['resets', { kind: 'reset' }, { class: 'network', retryable: true, errno: expect.any(String) }],
    ['resets at the handshake', { kind: 'reset', at: 'handshake' }, { class: 'network', retryable: true }],
    ['closes in the middle', { kind: 'close', after: 1 }, { retryable: true, sub: 'protocol' }],
    ['sends garbage', { kind: 'garbage' }, { retryable: true, sub: 'protocol' }],
    ['sends an error', { kind: 'error' }, { retryable: true }],
    ['answers with a page', { kind: 'status', status: 200, body: '<html>' }, { retryable: true, sub: 'protocol' }],
    ['answers 401', { kind: 'status', status: 401 }, { class: 'auth', retryable: false, httpStatus: 401 }],
    ['answers 403', { kind: 'status', status: 403 }, { class: 'auth', retryable: false, httpStatus: 403 }],
    ['answers 404', { kind: 'status', status: 404 }, { sub: 'config', retryable: false, httpStatus: 404 }],
    [
      'answers 429 with a time',
      { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
      { sub: 'rate', retryable: true, retryAfterMs: 2000 },
    ],
    ['answers 429', { kind: 'status', status: 429 }, { sub: 'rate', retryable: true }],
    ['answers 500', { kind: 'status', status: 500 }, { sub: 'server', retryable: true }],
    ['answers 503', { kind: 'status', status: 503 }, { sub: 'server', retryable: true }],
  ])('%s: is told once, with what it was', async (_, fault, expected) => {
    expect(await failureUnder(fault)).toMatchObject({ vendor: 'openai', ...expected });
  });

  test('refuses connections: is told', async () => {
    const { emulator, listen } = await start();
    emulator.faults.add({ kind: 'refuse' });
    const fact = await listen().until(hasFailed);
    expect(fact).toMatchObject({ failure: { class: 'network', phase: 'connect', errno: 'ECONNREFUSED' } });
  });

  test('too many utterances without an answer are told, instead of kept', async () => {
    const { emulator, listen } = await start();
    const { until, session } = listen();
    await until(opened);
    emulator.faults.add({ kind: 'hang' });
    for (const word of ['one', 'two', 'three', 'four', 'five']) write(session, spoken(word, { afterMs: 600 }));
    expect(await until(hasFailed)).toMatchObject({ failure: { class: 'network', sub: 'stall', retryable: true } });
    expect(asked(emulator).length).toBeLessThanOrEqual(4);
  });
});

describe('what is asked', () => {
  test('a WAV file of the utterance alone, with its language, and the terms as a hint', async () => {
    const { emulator, listen } = await start();
    const { until, session } = listen(['de-AT'], ['Lindau', 'half board']);
    write(session, spoken('gruezi mitenand', { beforeMs: 5000, afterMs: 3000 }));
    await until((fact) => fact.type === 'stt.turn_maybe_ended');
    expect(asked(emulator)).toMatchObject([
      { model: 'gpt-4o-mini-transcribe', language: 'de', prompt: 'Lindau, half board', format: 'json' },
    ]);
    const words = ['gruezi', 'mitenand'].map((word, index) => encodeWord(word, index).length / 16);
    const [spokenMs] = [words.reduce((sum, ms) => sum + ms, 0)];
    expect(Number(asked(emulator)[0]!['heldMs'])).toBeGreaterThan(spokenMs);
    expect(Number(asked(emulator)[0]!['heldMs'])).toBeLessThan(spokenMs + 1000);
  });

  test('no language where the agent has several, and of Whisper how sure it is', async () => {
    const { emulator, listen } = await start('groq');
    const { until, session } = listen(['en', 'de']);
    write(session, spoken('hello there'));
    expect(await until((fact) => fact.type === 'stt.words')).toMatchObject({ text: 'hello there', final: true });
    expect(asked(emulator)).toMatchObject([{ language: undefined, format: 'verbose_json' }]);
  });

  test('D4.1 a voice without words is told as nothing, with how far back it was', async () => {
    const { listen } = await start();
    const { until, session } = listen();
    const hum = Int16Array.from({ length: samplesOf(600) }, (_, i) => 6000 * Math.sin(i * 0.13) * Math.sin(i * 0.0011));
    write(session, framesOf([new Int16Array(samplesOf(400)), hum, new Int16Array(samplesOf(1000))]));
    const fact = await until(({ type }) => type === 'stt.nothing');
    expect(fact).toMatchObject({ behindMs: expect.any(Number) });
    expect((fact as { behindMs: number }).behindMs).toBeGreaterThan(500);
  });

  test('an account that has answered lately is open at once', async () => {
    const { emulator, transcriber, listen } = await start();
    expect(await transcriber.warm()).toBeUndefined();
    await listen().until(opened);
    expect(emulator.journal.entries({ type: 'request.arrived' })).toHaveLength(1);
  });

  test('what goes on without a pause is cut before half a minute is over', async () => {
    const { emulator, listen } = await start();
    const { until, session } = listen();
    await until(opened);
    const words = Array.from({ length: 60 }, (_, index) => encodeWord('wordwordwordword', index));
    write(session, framesOf([...words, new Int16Array(samplesOf(1000))]));
    await until((fact) => fact.type === 'stt.turn_maybe_ended' && fact.utterance === 1);
    expect(asked(emulator).every(({ heldMs }) => Number(heldMs) <= 30_000)).toBe(true);
  });
});
