import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createOpenAiEmulator,
  type OpenAiEmulator,
  type OpenAiEmulatorOptions,
} from '../../emulators/openai/emulator.ts';
import { encodeWord } from '../../emulators/tones/codec.ts';
import { writeWav } from '../../src/audio/wav.ts';
import { receptionist } from '../../emulators/openai/receptionist.ts';
import type { Ask, WireMessage } from '../../emulators/openai/script.ts';

async function start(options: OpenAiEmulatorOptions = {}): Promise<OpenAiEmulator> {
  const emulator = await createOpenAiEmulator({ settings: { firstTokenMs: 5, tokenMs: 1 }, ...options });
  onTestFinished(() => emulator.close());
  return emulator;
}

const user = (content: string): WireMessage => ({ role: 'user', content });

function post(
  url: string,
  body: object,
  key = 'sk-emulated-openai',
  more: object = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${url}/chat/completions`, {
    ...(signal && { signal }),
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more },
    body: JSON.stringify({ model: 'gpt-5.4-mini', stream: true, messages: [user('hello')], ...body }),
  });
}

interface Chunk {
  choices: { delta: { content?: string; tool_calls?: unknown[] }; finish_reason: string | null }[];
  usage?: unknown;
  x_groq?: { usage?: unknown };
}

async function chunksOf(response: Response): Promise<Chunk[]> {
  const events = (await response.text()).trim().split('\n\n');
  expect(events.pop()).toBe('data: [DONE]');
  return events.map((event) => JSON.parse(event.replace(/^data: /, '')) as Chunk);
}

const textOf = (chunks: Chunk[]): string => chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');

const say = async (emulator: OpenAiEmulator, body: object) => textOf(await chunksOf(await post(emulator.url, body)));

describe('chat completions on the wire', () => {
  it('come as server-sent events: a role, a word each, a finish reason, usage when asked for', async () => {
    const { url } = await start({ rules: [{ text: 'Good evening, all.' }] });
    const response = await post(url, { stream_options: { include_usage: true } });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const chunks = await chunksOf(response);
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'Good' },
      { content: ' evening,' },
      { content: ' all.' },
      {},
      undefined,
    ]);
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 },
    });
  });

  it('split tool calls over deltas that take turns', async () => {
    const tools = [
      { name: 'a', input: { one: 1 } },
      { name: 'b', input: { two: 2 } },
    ];
    const { url } = await start({ rules: [{ tools }] });
    const calls = (await chunksOf(await post(url, {}))).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls.slice(0, 3)).toMatchObject([
      { index: 0, id: expect.any(String), function: { name: 'a', arguments: '' } },
      { index: 1, id: expect.any(String), function: { name: 'b', arguments: '' } },
      { index: 0, function: { arguments: '{"o' } },
    ]);
  });

  it('take their time: the first token and each after it', async () => {
    const { url, settings } = await start({ rules: [{ text: 'one two three four' }] });
    settings.change({ firstTokenMs: 120, tokenMs: 40 });
    const began = performance.now();
    await chunksOf(await post(url, {}));
    expect(performance.now() - began).toBeGreaterThanOrEqual(120 + 3 * 40 - 5);
  });

  it('take up to the jitter longer, the same in every run of a scenario', async () => {
    const { url, settings, journal } = await start({ rules: [{ text: 'one two three four' }] });
    const paced = async (change: object, scenario: string) => {
      settings.change({ firstTokenMs: 10, tokenMs: 2, jitterMs: 6, seed: 1, ...change });
      await chunksOf(await post(url, {}, undefined, { 'x-emulator-scenario': scenario }));
      return journal.entries({ type: 'completion.answered' }).at(-1)!.dueMs as number[];
    };
    expect(await paced({ jitterMs: 0 }, 'a')).toEqual([10, 10, 12, 14, 16, 16]);
    const first = await paced({}, 'a');
    expect(await paced({}, 'a')).toEqual(first);
    expect(await paced({}, 'b')).not.toEqual(first);
    expect(await paced({ seed: 2 }, 'a')).not.toEqual(first);
    const steps = first.slice(2, 5).map((at, i) => at - first[i + 1]!);
    for (const step of steps) expect([step >= 2, step < 8]).toEqual([true, true]);
  });

  it('keep back what was used, though asked for it', async () => {
    const { url, groqUrl, keys } = await start({ settings: { usage: false }, rules: [{ text: 'Yes.' }] });
    const asked = { stream_options: { include_usage: true } };
    for (const response of [await post(url, asked), await post(groqUrl, asked, keys.groq)]) {
      const text = await response.text();
      expect([text.includes('Yes.'), text.includes('prompt_tokens')]).toEqual([true, false]);
    }
  });

  it('as Groq put the usage into a field of its own', async () => {
    const { groqUrl } = await start({ rules: [{ text: 'Yes.' }] });
    const chunks = await chunksOf(await post(groqUrl, {}, 'gsk_emulated_groq'));
    expect(chunks.at(-1)).toMatchObject({ x_groq: { usage: { completion_tokens: 1 } } });
  });

  it.each([
    ['a wrong key', 'openai', {}, 'wrong', 401, 'invalid_api_key'],
    ['the key of Groq at OpenAI', 'openai', {}, 'gsk_emulated_groq', 401, 'invalid_api_key'],
    ['the key of OpenAI at Groq', 'groq', {}, 'sk-emulated-openai', 401, 'invalid_api_key'],
    ['a retired model at OpenAI', 'openai', { model: 'old' }, undefined, 404, 'model_not_found'],
    ['a retired model at Groq', 'groq', { model: 'old' }, undefined, 400, 'model_decommissioned'],
    ['an unknown model', 'openai', { model: 'missing-model' }, undefined, 404, 'model_not_found'],
    ['an unknown field', 'openai', { temprature: 1 }, undefined, 400, 'temprature'],
    ['a wrong type', 'openai', { temperature: 'hot' }, undefined, 400, 'temperature'],
    ['what only OpenAI takes', 'groq', { logprobs: true }, undefined, 400, 'logprobs'],
    ['names in messages', 'groq', { messages: [{ ...user('hi'), name: 'Ada' }] }, undefined, 400, 'name'],
    [
      'a tool call without its result',
      'openai',
      {
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'a', type: 'function', function: { name: 'x', arguments: '{}' } }] },
          user('and?'),
        ],
      },
      undefined,
      400,
      'must be followed by tool messages',
    ],
    [
      'a result without its tool call',
      'groq',
      { messages: [{ role: 'tool', tool_call_id: 'a', content: '1' }] },
      undefined,
      400,
      'must be a response to a preceding message',
    ],
  ] as const)('refuse %s', async (_, provider, body, key, status, text) => {
    const { url, groqUrl, keys } = await start({ settings: { retiredModels: ['old'] } });
    const response = await post(provider === 'groq' ? groqUrl : url, body, key ?? keys[provider]);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(text);
  });

  it('refuse one more than may be given at once, until one is over', async () => {
    const { url, faults, settings, journal } = await start({ settings: { concurrency: 1 } });
    faults.add({ kind: 'stall', times: 1 });
    const stop = new AbortController();
    await post(url, {}, undefined, {}, stop.signal);
    const refused = await post(url, {});
    expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('rate_limit_exceeded')]);
    stop.abort();
    await journal.waitFor(({ type }) => type === 'connection.closed');
    expect((await post(url, {})).status).toBe(200);
    settings.change({ concurrency: 0 });
    expect((await post(url, {})).status).toBe(429);
  });

  it('list models', async () => {
    const { groqUrl, keys, settings } = await start({ models: ['openai/gpt-oss-120b', 'old'] });
    settings.change({ retiredModels: ['old'] });
    const response = await fetch(`${groqUrl}/models`, { headers: { authorization: `Bearer ${keys.groq}` } });
    expect(await response.json()).toMatchObject({ object: 'list', data: [{ id: 'openai/gpt-oss-120b' }] });
    expect((await post(groqUrl, {}, keys.groq)).status).toBe(404);
  });
});

describe('what the model says', () => {
  const script = [
    { user: 'price for (\\w+) nights', tools: [{ name: 'room_price', input: { nights: 3 } }] },
    { tool: 'room_price', text: 'The tool said $0.' },
    { user: 'once', text: 'Only now.', times: 1 },
    { user: /my name is (\p{L}+)/iu, text: 'Hello $1!' },
  ];

  it('is the first rule that matches, with what the pattern caught', async () => {
    const emulator = await start({ rules: script });
    expect(await say(emulator, { messages: [user('Hi, my name is Юлия')] })).toBe('Hello Юлия!');
    const call = { id: 'a', type: 'function', function: { name: 'room_price', arguments: '{}' } };
    const messages = [
      user('price for three nights'),
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'a', content: '267' },
    ];
    expect(await say(emulator, { messages })).toBe('The tool said 267.');
  });

  it('can be limited to a number of times', async () => {
    const emulator = await start({ rules: script });
    expect(await say(emulator, { messages: [user('once')] })).toBe('Only now.');
    expect(await say(emulator, { messages: [user('once')] })).toBe('I understood: once. What else can I do for you?');
  });

  it('can be posted to the control port, and bad rules are named', async () => {
    const emulator = await start();
    const control = (body: unknown) =>
      fetch(`${emulator.controlUrl}/script`, { method: 'POST', body: JSON.stringify(body) });
    expect((await control([{ user: 'hello', text: 'Posted.' }])).status).toBe(201);
    expect(await say(emulator, {})).toBe('Posted.');
    const bad = await control([{ user: 5 }]);
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('user')]);
    const unreadable = await control([{ user: '(', text: 'x' }]);
    expect([unreadable.status, await unreadable.text()]).toEqual([400, expect.stringContaining('user')]);
  });

  it('is asked of a hook first', async () => {
    const emulator = await start({ rules: [{ text: 'From the script.' }] });
    emulator.think(({ messages }) => (messages.at(-1)?.content === 'hook' ? { text: 'From the hook.' } : undefined));
    expect(await say(emulator, { messages: [user('hook')] })).toBe('From the hook.');
    expect(await say(emulator, { messages: [user('else')] })).toBe('From the script.');
  });
});

describe('the receptionist who answers when nobody wrote a script', () => {
  const parameters = { type: 'object', properties: { nights: { type: 'number' } }, required: ['nights'] };
  const tools = [
    { function: { name: 'room_price', parameters } },
    { function: { name: 'end_call', parameters: { type: 'object', properties: {} } } },
  ];
  const ask = (...messages: WireMessage[]): Ask => ({ model: 'm', messages, tools });
  const answer = (text: string) => receptionist(ask(user(text)));

  it('repeats what was understood when nothing else fits', () => {
    expect(answer('My umbrella is blue').text).toBe('I understood: My umbrella is blue. What else can I do for you?');
    expect(answer('У меня синий зонт!').text).toBe('Я понял: У меня синий зонт! Чем ещё могу помочь?');
  });

  it('knows the house in two languages', () => {
    expect(answer('When is breakfast?').text).toContain('half past ten');
    expect(answer('Когда завтрак?').text).toContain('Завтрак');
  });

  it.each([
    ['What does a room cost for three nights?', 3],
    ['a room for 12 nights please', 12],
    ['Сколько стоит номер на две ночи?', 2],
    ['how much is a room', 1],
  ])('asks the tool for a price: %s', (text, nights) => {
    expect(answer(text).tools).toEqual([{ name: 'room_price', input: { nights } }]);
  });

  it('tells the price that the tool found, or that it could not', () => {
    const call = { id: 'a', function: { name: 'room_price', arguments: '{"nights":3}' } };
    const after = (content: string, text = 'price for three nights') =>
      receptionist(
        ask(user(text), { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'a', content }),
      ).text;
    expect(after('{"total":267}')).toBe('For three nights that is 267 euros, breakfast included.');
    expect(after('{"total":267}', 'цена за три ночи')).toBe('За 3 ночи это 267 евро, завтрак включён.');
    expect(after('{"error":"no answer"}')).toBe('I am sorry, I could not look that up just now.');
    expect(after('sunny, 21 degrees')).toBe('Here is what I found: sunny, 21 degrees.');
    expect(after('{"sky":"blue","degrees":21}')).toBe('Here is what I found: sky blue, degrees 21.');
    expect(after('{"всего":19500,"валюта":"рубли"}', 'цена')).toBe('За 3 ночи это 19500 рублей, завтрак включён.');
  });

  it('fills what a tool wants from what was said', () => {
    const room = { enum: ['single', 'double', 'suite'], default: 'double' };
    const place = { enum: ['reception', 'restaurant', 'spa'] };
    const given = {
      model: 'm',
      messages: [user('How much is a suite for two nights?')],
      tools: [
        {
          function: {
            name: 'room_price',
            parameters: { properties: { room, nights: { type: 'integer' } }, required: ['nights'] },
          },
        },
      ],
    };
    expect(receptionist(given).tools).toEqual([{ name: 'room_price', input: { room: 'suite', nights: 2 } }]);
    const hours = { function: { name: 'opening_hours', parameters: { properties: { place }, required: ['place'] } } };
    const asked = { ...given, messages: [user('When is the restaurant open?')], tools: [hours] };
    expect(receptionist(asked).tools).toEqual([{ name: 'opening_hours', input: { place: 'restaurant' } }]);
    expect(receptionist({ ...asked, messages: [user('My hat is green')] }).text).toContain('My hat is green');
  });

  it('repeats the keys that were pressed', () => {
    expect(answer('[keys: 471]').text).toBe('Thank you, I have noted 4 7 1. What else can I do for you?');
  });

  it('says goodbye and hangs up', () => {
    expect(answer('No, that is all. Goodbye!')).toEqual({
      text: 'Thank you for calling. Goodbye!',
      tools: [{ name: 'end_call', input: {} }],
    });
  });

  it('greets when nothing was said yet', () => {
    expect(receptionist(ask({ role: 'system', content: 'You answer.' })).text).toMatch(/^Hello/);
  });
});

describe('an answer that was cut', () => {
  const begun = [user('i like red'), { role: 'assistant', content: 'Ruby it is, ' }];
  const wish = { role: 'system', content: 'Go on.' };

  it('is gone on with when the model is asked to', async () => {
    const emulator = await start({ rules: [{ user: 'red', text: 'Ruby it is, a fine stone.' }] });
    expect(await say(emulator, { messages: [...begun, wish] })).toBe('a fine stone.');
    expect(await say(emulator, { messages: [...begun, user('and red again?')] })).toBe('Ruby it is, a fine stone.');
  });

  it('is answered anew by a model that would have said something else', async () => {
    const emulator = await start({ rules: [{ user: 'red', text: 'Garnet, then.' }] });
    expect(await say(emulator, { messages: [...begun, wish] })).toBe('Garnet, then.');
  });
});

describe('speech on the wire', () => {
  const speech = { model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Good evening.', response_format: 'pcm' };
  const speak = ({ url, keys }: OpenAiEmulator, body: object): Promise<Response> =>
    fetch(`${url}/audio/speech`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys.openai}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...speech, stream_format: 'sse', ...body }),
    });

  it('comes in events, and the last one says that it was whole', async () => {
    const emulator = await start();
    const events = (await (await speak(emulator, {})).text()).trim().split('\n\n');
    const types = events.map((event) => (JSON.parse(event.replace(/^data: /, '')) as { type: string }).type);
    expect(types.at(-1)).toBe('speech.audio.done');
    expect(new Set(types.slice(0, -1))).toEqual(new Set(['speech.audio.delta']));
    const [{ words }] = emulator.journal.entries({ type: 'speech.generated' }) as never as [
      { words: { text: string }[] },
    ];
    expect(words.map(({ text }) => text)).toEqual(['Good', 'evening.']);
  });

  it.each([
    ['a voice that there is not', { voice: 'ada' }, 400],
    ['no text', { input: '' }, 400],
    ['a format that is not emulated', { response_format: 'mp3' }, 400],
    ['a model that there is not', { model: 'missing-tts' }, 404],
  ])('refuses %s', async (_, body, status) => {
    expect((await speak(await start(), body)).status).toBe(status);
  });
});

const words = (text: string) => text.split(' ').map((word, index) => encodeWord(word, index));
const wav = (pcm: Int16Array) => writeWav({ sampleRateHz: 16_000, pcm }, 'pcm16') as Uint8Array<ArrayBuffer>;
const sound = () => wav(Int16Array.from(words('two nights').flatMap((word) => [...word])));

async function dictate(fields: Record<string, string>, file: Uint8Array<ArrayBuffer> | undefined = sound()) {
  const { url, keys } = await start({ settings: { transcriptionMs: 1 } });
  const body = new FormData();
  if (file.length > 0) body.set('file', new File([file], 'speech.wav'));
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  const response = await fetch(`${url}/audio/transcriptions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.openai}` },
    body,
  });
  return { status: response.status, text: await response.text() };
}

describe('transcription', () => {
  it('writes down the words of a sound, in the format that is asked for', async () => {
    const model = 'whisper-1';
    expect(await dictate({ model })).toEqual({ status: 200, text: '{"text":"two nights"}' });
    expect(await dictate({ model, response_format: 'text' })).toEqual({ status: 200, text: 'two nights\n' });
    const { text } = await dictate({ model, response_format: 'verbose_json', language: 'en' });
    expect(JSON.parse(text)).toMatchObject({ text: 'two nights', segments: [{ text: 'two nights' }] });
  });

  it.each([
    ['no model', {}, undefined, 400, 'model parameter'],
    ['no file', { model: 'whisper-1' }, new Uint8Array(0), 400, 'provide a file'],
    ['a file that is none', { model: 'whisper-1' }, new Uint8Array(50), 400, 'Invalid file format'],
    ['hardly any sound', { model: 'whisper-1' }, wav(new Int16Array(100)), 400, 'too short'],
    ['a chat model', { model: 'gpt-5.4-mini' }, undefined, 400, 'does not support'],
    ['a model that is not there', { model: 'missing-transcribe' }, undefined, 404, 'does not exist'],
    ['a language by its name', { model: 'whisper-1', language: 'english' }, undefined, 400, 'ISO-639'],
    [
      'a format that the model has not',
      { model: 'gpt-4o-transcribe', response_format: 'verbose_json' },
      undefined,
      400,
      'not compatible',
    ],
    ['a field that there is not', { model: 'whisper-1', speed: '2' }, undefined, 400, 'Unrecognized'],
  ])('refuses %s', async (_, fields, file, status, what) => {
    const answer = await dictate(fields as Record<string, string>, file);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(what);
  });
});
