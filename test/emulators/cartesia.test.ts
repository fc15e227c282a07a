import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { createCartesiaEmulator, type CartesiaEmulator } from '../../emulators/cartesia/emulator.ts';
import type { CartesiaSettings } from '../../emulators/cartesia/settings.ts';
import { createToneDecoder } from '../../emulators/tones/codec.ts';

interface Event {
  type: string;
  context_id?: string;
  data?: string;
  status_code?: number;
  error_code?: string;
  flush_id?: number;
  word_timestamps?: { words: string[]; start: number[]; end: number[] };
}

async function start(settings: Partial<CartesiaSettings> = {}): Promise<CartesiaEmulator> {
  const emulator = await createCartesiaEmulator({ settings: { firstAudioMs: 5, realTimeFactor: 50, ...settings } });
  onTestFinished(() => emulator.close());
  return emulator;
}

const headers = { authorization: 'Bearer sk_car_emulated', 'cartesia-version': '2026-08-14' };

async function connect(emulator: CartesiaEmulator) {
  const ws = new WebSocket(`${emulator.url.replace('https', 'wss')}/tts/websocket`, { ca: emulator.ca, headers });
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  ws.on('message', (data) => {
    events.push(JSON.parse(String(data)) as Event);
    for (const wake of waiting) wake();
  });
  const closed = new Promise<number>((resolve) => ws.on('close', resolve));
  await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject));
  const until = (match: (event: Event) => boolean) =>
    new Promise<Event>((resolve) => {
      const look = () => {
        const found = events.find(match);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { ws, events, closed, until, send: (message: object) => ws.send(JSON.stringify(message)) };
}

const generation = {
  context_id: 'one',
  model_id: 'sonic-3.5-2026-05-04',
  voice: 'a0e99841-438c-4a64-b679-ae501e7d6091',
  output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
  add_timestamps: true,
  max_buffer_delay_ms: 0,
  continue: true,
};

function heard(events: Event[], sampleRateHz: number): string[] {
  const bytes = Buffer.concat(events.map(({ data }) => Buffer.from(data ?? '', 'base64')));
  const pcm = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const decoder = createToneDecoder({ sampleRateHz });
  return [...decoder.push(pcm), ...decoder.flush()].map((event) => (event.type === 'word' ? event.text : '?'));
}

const isDone = ({ type }: Event) => type === 'done';
const isError = ({ type }: Event) => type === 'error';

describe('contexts on the wire', () => {
  it.each([8000, 16_000, 24_000])('carry the words in their audio at %d Hz, with times', async (sample_rate) => {
    const emulator = await start();
    const { send, until, events } = await connect(emulator);
    const manner = { ...generation, output_format: { ...generation.output_format, sample_rate } };
    send({ ...manner, transcript: 'Guten Abend, ' });
    send({ ...manner, transcript: 'привет. ', continue: false });
    await until(isDone);
    // The decoder reads 8 and 16 kHz; what went up to 24 kHz comes down by taking two of three.
    const words = ['Guten', 'Abend,', 'привет.'];
    if (sample_rate < 24_000) expect(heard(events, sample_rate)).toEqual(words);
    const times = events.flatMap(({ word_timestamps }) => word_timestamps ?? []);
    expect(times.flatMap(({ words }) => words)).toEqual(words);
    const starts = times.flatMap(({ start }) => start);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    const bytes = events.reduce((sum, { data }) => sum + Buffer.from(data ?? '', 'base64').length, 0);
    const last = Math.max(...times.flatMap(({ end }) => end));
    expect(bytes / 2 / sample_rate).toBeGreaterThanOrEqual(last);
    expect(bytes / 2 / sample_rate).toBeLessThan(last + 0.05);
  });

  it('number the words of all contexts in the journal', async () => {
    const emulator = await start();
    const { send, until } = await connect(emulator);
    send({ ...generation, transcript: 'one two ', continue: false });
    await until(isDone);
    send({ ...generation, context_id: 'two', transcript: 'three ', continue: false });
    await until((event) => isDone(event) && event.context_id === 'two');
    const spoken = emulator.journal.entries({ type: 'speech.generated' });
    expect(spoken).toMatchObject([
      {
        context: 'one',
        words: [
          { number: 1, text: 'one', startMs: 0 },
          { number: 2, text: 'two' },
        ],
      },
      { context: 'two', words: [{ number: 3, text: 'three', startMs: 0 }] },
    ]);
  });

  it('mark a flush behind its audio', async () => {
    const emulator = await start();
    const { send, until, events } = await connect(emulator);
    send({ ...generation, transcript: 'one ', flush: true });
    await until(({ type }) => type === 'flush_done');
    send({ ...generation, transcript: 'two ', flush: true });
    await until(({ type, flush_id }) => type === 'flush_done' && flush_id === 2);
    expect(events.filter(({ type }) => type !== 'timestamps').at(-2)).toMatchObject({ type: 'chunk', flush_id: 2 });
  });

  it('hold text without an end until the buffer time is over', async () => {
    const emulator = await start();
    const { send, until, events } = await connect(emulator);
    send({ ...generation, max_buffer_delay_ms: 150, transcript: 'Good ' });
    send({ ...generation, max_buffer_delay_ms: 150, transcript: 'evening ' });
    await until(({ type }) => type === 'chunk');
    const [asked] = emulator.journal.entries({ type: 'message.received' });
    const [spoken] = emulator.journal.entries({ type: 'speech.generated' });
    expect(spoken!.text).toBe('Good evening ');
    expect(spoken!.atMs - asked!.atMs).toBeGreaterThanOrEqual(150);
    send({ ...generation, max_buffer_delay_ms: 150, transcript: 'Sir. ' });
    await until(({ word_timestamps }) => !!word_timestamps?.words.includes('Sir.'));
    expect(events.some(isError)).toBe(false);
  });

  it('end some chunks after a cancel', async () => {
    const emulator = await start({ lateChunks: 2, realTimeFactor: 5 });
    const { send, until, events } = await connect(emulator);
    send({ ...generation, transcript: 'one two three four five six seven eight nine ten ' });
    await until(({ type }) => type === 'chunk');
    send({ cancel: true, context_id: 'one' });
    await emulator.journal.waitFor(({ type, why }) => type === 'context.ended' && why === 'cancelled');
    const chunks = events.filter(({ type }) => type === 'chunk').length;
    expect(chunks).toBeLessThanOrEqual(1 + 2 + 1);
    expect(events.some(isDone)).toBe(false);
  });

  it('expire after their last audio and then take no more', async () => {
    const emulator = await start({ contextExpiryMs: 60 });
    const { send, until } = await connect(emulator);
    send({ ...generation, transcript: 'one ' });
    await emulator.journal.waitFor(({ why }) => why === 'expired');
    send({ ...generation, transcript: 'two ' });
    expect(await until(isError)).toMatchObject({ status_code: 400, context_id: 'one', error_code: 'context_closed' });
  });
});

describe('what strikes a socket that is open', () => {
  it.each([
    [{ kind: 'close', code: 1012, reason: 'service restart', inMs: 20 }, 1012],
    [{ kind: 'close', code: 1005 }, 1005],
    [{ kind: 'reset' }, 1006],
  ])('%j', async (strike, code) => {
    const emulator = await start();
    const { ws, closed } = await connect(emulator);
    ws.on('error', () => {});
    expect(emulator.strikeOpen(strike)).toBe(1);
    expect(await closed).toBe(code);
    await emulator.journal.waitFor(({ type }) => type === 'socket.closed');
    expect(emulator.strikeOpen({ kind: 'stall' })).toBe(0);
  });

  it('makes it deaf: what is sent to it piles up, and others are heard', async () => {
    const emulator = await start();
    const [deaf, other] = [await connect(emulator), await connect(emulator)];
    const { connection } = emulator.journal.entries({ type: 'socket.opened' })[0]!;
    emulator.strikeOpen({ kind: 'deaf', connection });
    deaf.send({ ...generation, transcript: 'x'.repeat(32_000_000) });
    other.send({ ...generation, transcript: 'one. ', continue: false });
    await other.until(isDone);
    expect(emulator.journal.entries({ type: 'message.received' }).map((entry) => entry.connection)).toEqual([
      emulator.journal.entries({ type: 'socket.opened' })[1]!.connection,
    ]);
    expect(deaf.ws.bufferedAmount).toBeGreaterThan(1_000_000);
  });

  it('stalls it: what is asked for is made and not sent', async () => {
    const emulator = await start();
    const { send, events } = await connect(emulator);
    emulator.strikeOpen({ kind: 'stall' });
    send({ ...generation, transcript: 'one. ', continue: false });
    await emulator.journal.waitFor(({ type, why }) => type === 'context.ended' && why === 'done');
    expect(events).toEqual([]);
  });

  it('comes in over the control port, and nonsense is named', async () => {
    const emulator = await start();
    const { until } = await connect(emulator);
    const post = (body: object) =>
      fetch(`${emulator.controlUrl}/strike`, { method: 'POST', body: JSON.stringify(body) });
    expect(await (await post({ kind: 'error' })).json()).toEqual({ sockets: 1 });
    expect(await until(isError)).toMatchObject({ status_code: 500, error_code: 'internal_error' });
    const bad = await post({ kind: 'stall', code: 1000 });
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('only with kind')]);
  });
});

describe('refusals of the wire', () => {
  it.each([
    ['a changed voice', { voice: 'another' }, { status_code: 400 }],
    ['another language', { language: 'ru' }, { status_code: 400 }],
    [
      'a rate there is none of',
      { output_format: { ...generation.output_format, sample_rate: 5 } },
      { status_code: 400 },
    ],
    ['a container there is none of', { output_format: { container: 'wav' } }, { status_code: 400 }],
    ['a transcript that is no text', { transcript: 5 }, { status_code: 400 }],
  ])('%s is an error event of that context', async (_, change, error) => {
    const emulator = await start();
    const { send, until } = await connect(emulator);
    send({ ...generation, transcript: 'one ' });
    send({ ...generation, transcript: 'two ', ...change });
    expect(await until(isError)).toMatchObject({ ...error, context_id: 'one' });
  });

  it('limit the contexts that are active at once, and not those that are over', async () => {
    const emulator = await start({ concurrency: 1 });
    const { send, until } = await connect(emulator);
    send({ ...generation, transcript: 'one ' });
    send({ ...generation, context_id: 'two', transcript: 'two ' });
    expect(await until(isError)).toMatchObject({
      status_code: 429,
      error_code: 'concurrency_limited',
      context_id: 'two',
    });
    send({ ...generation, transcript: '', continue: false });
    await until(isDone);
    send({ ...generation, context_id: 'three', transcript: 'three ', continue: false });
    await until((event) => isDone(event) && event.context_id === 'three');
  });

  it('what is no JSON is an error without an address', async () => {
    const { ws, until } = await connect(await start());
    ws.send('hello');
    const error = await until(isError);
    expect(error).toMatchObject({ status_code: 400 });
    expect(error).not.toHaveProperty('context_id');
  });

  it('an idle socket is closed', async () => {
    const { closed } = await connect(await start({ idleCloseMs: 30 }));
    expect(await closed).toBe(1000);
  });

  it.each([
    ['without a key', {}, '', 401],
    ['with a wrong key', { authorization: 'Bearer wrong' }, '', 401],
    ['with the key in the address', headers, '?api_key=sk_car_emulated', 400],
    ['without a version', { authorization: headers.authorization }, '', 400],
  ])('a socket %s is refused', async (_, given, query, status) => {
    const emulator = await start();
    const url = `${emulator.url.replace('https', 'wss')}/tts/websocket${query}`;
    const ws = new WebSocket(url, { ca: emulator.ca, headers: given });
    const refused = await new Promise<number>((resolve) => {
      ws.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0)).on('error', () => {});
    });
    ws.terminate();
    expect(refused).toBe(status);
  });

  it('voices are listed to who has the key, over TLS by the CA file', async () => {
    const emulator = await start();
    const ca = await readFile(emulator.caFile, 'utf8');
    const get = (given: object) =>
      new Promise<number>((resolve, reject) => {
        request(`${emulator.url}/voices?limit=1`, { ca, headers: { ...given }, agent: false }, (response) =>
          resolve(response.resume().statusCode ?? 0),
        )
          .on('error', reject)
          .end();
      });
    expect([await get(headers), await get({})]).toEqual([200, 401]);
  });
});
