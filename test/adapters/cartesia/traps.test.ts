import { setTimeout as delay } from 'node:timers/promises';
import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { VendorKeys } from '../../../src/vendor-keys.ts';
import { listenTo, type Listened } from '../../support/contracts/voice.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { openBed } from './bed.ts';

expectNoUnhandledRejections();
afterEach(() => vi.unstubAllEnvs());

const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000 });

async function spoken(listened: Listened, ...texts: string[]): Promise<Listened> {
  for (const text of texts) listened.utterance.say(text);
  listened.utterance.end();
  await until(listened.over);
  return listened;
}

describe('what the SDK would do by itself', () => {
  it('puts the key into a header and nothing into the address (it would, loaded by `import`)', async () => {
    const { emulator, voice } = await openBed();
    await spoken(listenTo(voice), 'Hello. ');
    expect(emulator.journal.entries({ type: 'socket.asked' })).toMatchObject([
      { path: '/tts/websocket', headers: { authorization: 'Bearer …', 'cartesia-version': '2026-08-14' } },
    ]);
  });

  it('takes no address and no header from the environment', async () => {
    vi.stubEnv('CARTESIA_BASE_URL', 'https://127.0.0.1:1');
    vi.stubEnv('CARTESIA_CUSTOM_HEADERS', 'x-leak: yes');
    const { emulator, voice } = await openBed();
    await spoken(listenTo(voice), 'Hello. ');
    const { headers } = emulator.journal.entries({ type: 'socket.asked' })[0]!;
    expect(headers).not.toHaveProperty('x-leak');
  });

  it('never reconnects behind our back: what is said into a lost socket goes nowhere', async () => {
    const { emulator, voice, sockets } = await openBed();
    const listened = listenTo(voice);
    listened.utterance.say('Hello. ');
    await until(() => listened.words().length === 1);
    emulator.faults.add({ kind: 'drop' });
    await until(listened.over);
    listened.utterance.say('Is anybody there? ');
    listened.utterance.end();
    await delay(100);
    expect(sockets()).toBe(1);
    expect(listened.facts.at(-1)!.type).toBe('voice.failed');
  });

  it('never sends after an abort that came while connecting', async () => {
    const { emulator, voice, messages } = await openBed();
    const stop = new AbortController();
    const listened = listenTo(voice, stop.signal);
    listened.utterance.say('Never. ');
    stop.abort();
    await emulator.journal.waitFor(({ type }) => type === 'socket.opened');
    await delay(50);
    expect([listened.facts, messages()]).toEqual([[], []]);
  });

  it('drops the chunks that still come after a cancel, and tells the vendor once', async () => {
    const { emulator, voice, messages } = await openBed({}, { lateChunks: 1000, realTimeFactor: 10 });
    const stop = new AbortController();
    const listened = listenTo(voice, stop.signal, 'cut');
    listened.utterance.say('one two three four five six seven eight nine ten eleven twelve. ');
    await until(() => listened.pcm().length > 0);
    stop.abort();
    const heard = listened.facts.length;
    await emulator.journal.waitFor(({ type }) => type === 'context.ended');
    expect(listened.facts).toHaveLength(heard);
    expect(messages().filter((message) => 'cancel' in message)).toEqual([{ cancel: 'cut' }]);
  });

  it('leaves no listener on the signal of a turn', async () => {
    const { voice } = await openBed();
    const { signal } = new AbortController();
    await spoken(listenTo(voice, signal), 'One. ');
    await spoken(listenTo(voice, signal), 'Two. ');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('a key that no header can carry is a failure of class auth that does not show it', async () => {
    const { voice, sockets } = await openBed({ apiKey: new Secret('sk_car_very\nsecret') });
    const listened = await spoken(listenTo(voice), 'Hello. ');
    expect(listened.facts).toMatchObject([{ type: 'voice.failed', failure: { class: 'auth', retryable: false } }]);
    expect(JSON.stringify(listened.facts)).not.toContain('very');
    expect(sockets()).toBe(0);
  });

  it('an address that is none is a failure, and nothing is thrown', async () => {
    const { voice } = await openBed({ baseUrl: 'not an address' });
    const listened = await spoken(listenTo(voice), 'Hello. ');
    expect(listened.facts).toMatchObject([{ type: 'voice.failed', failure: { class: 'api', sub: 'config' } }]);
  });
});

describe('what is sent', () => {
  it('whole clauses without a buffer, the same manner each time, then an end', async () => {
    const { voice, messages } = await openBed();
    const listened = listenTo(voice, undefined, 'turn-7');
    await spoken(listened, 'Good evening, ', 'Hotel Lindau. ');
    const manner = {
      context_id: 'turn-7',
      model_id: 'sonic-3.5-2026-05-04',
      voice: 'a0e99841-438c-4a64-b679-ae501e7d6091',
      language: 'en',
      output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
      add_timestamps: true,
      max_buffer_delay_ms: 0,
    };
    expect(messages()).toEqual([
      { ...manner, transcript: 'Good evening, ', continue: true },
      { ...manner, transcript: '', continue: true, flush: true },
      { ...manner, transcript: 'Hotel Lindau. ', continue: true },
      { ...manner, transcript: '', continue: true, flush: true },
      { ...manner, transcript: '', continue: false },
    ]);
  });

  it('names contexts by the utterance, and a new one by number when the vendor has forgotten the first', async () => {
    const { emulator, voice } = await openBed({ contextIdleMs: 150 }, { contextExpiryMs: 200 });
    const listened = listenTo(voice, undefined, 'turn-9');
    for (const word of ['One. ', 'Two. ', 'Three. ']) {
      listened.utterance.say(word);
      await until(() => listened.words().some(({ text }) => `${text} ` === word));
      await delay(300);
    }
    listened.utterance.end();
    await until(listened.over);
    expect(listened.facts.at(-1)).toEqual({ type: 'voice.done' });
    expect(listened.heard()).toEqual(['One.', 'Two.', 'Three.']);
    const contexts = emulator.journal.entries({ type: 'speech.generated' }).map(({ context }) => context);
    expect(contexts).toEqual(['turn-9', 'turn-9.1', 'turn-9.2']);
  });

  it('goes on in the same context while that still speaks, however long it takes', async () => {
    const { emulator, voice } = await openBed({ contextIdleMs: 100 });
    emulator.faults.add({ kind: 'slow', delayMs: 250, times: 1 });
    const listened = listenTo(voice, undefined, 'turn-3');
    listened.utterance.say('One two. ');
    await until(() => listened.pcm().length > 0);
    await delay(150);
    await spoken(listened, 'Three. ');
    expect(listened.heard()).toEqual(['One', 'two.', 'Three.']);
    expect(new Set(emulator.journal.entries({ type: 'speech.generated' }).map(({ context }) => context)).size).toBe(1);
  });

  it('places words by their length when the vendor tells no times', async () => {
    const { voice } = await openBed({ contextIdleMs: 100 }, { timestamps: false });
    const listened = listenTo(voice);
    listened.utterance.say('Добрый день, ');
    listened.utterance.say('чем помочь? ');
    await until(() => listened.words().length === 4);
    await delay(150);
    await spoken(listened, 'Да? ');
    const words = listened.words();
    expect(words.map(({ text }) => text)).toEqual(['Добрый', 'день,', 'чем', 'помочь?', 'Да?']);
    const soundMs = listened.pcm().length / 16;
    for (const [i, word] of words.entries()) {
      expect(word.endMs).toBeGreaterThan(word.startMs);
      expect(word.startMs).toBeGreaterThanOrEqual(words[i - 1]?.endMs ?? 0);
      expect(word.endMs).toBeLessThanOrEqual(soundMs);
    }
  });

  it('more text than is kept while connecting is a failure', async () => {
    const { emulator, voice } = await openBed();
    emulator.faults.add({ kind: 'hang', at: 'handshake' });
    const listened = listenTo(voice);
    for (let i = 0; i < 300; i += 1) listened.utterance.say('a hundred characters of text, more or less, '.repeat(2));
    expect(listened.facts).toMatchObject([{ type: 'voice.failed', failure: { class: 'api', sub: 'protocol' } }]);
  });
});

describe('sockets', () => {
  it('are warmed ahead of need', async () => {
    const { voice, sockets } = await openBed();
    expect(await voice.warm()).toBeUndefined();
    await spoken(listenTo(voice), 'Hello. ');
    expect(sockets()).toBe(1);
  });

  it('D8.6 D8.3 are dropped when they may be stale: who is on one is still spoken to, the next one is let in by another key', async () => {
    const emulated = await openBed();
    const keys = new VendorKeys(new Secret(emulated.emulator.keys[0]!), new Secret('wrong'));
    const { emulator, voice, sockets } = await openBed({
      apiKey: keys,
      baseUrl: emulated.emulator.url,
      ca: emulated.emulator.ca,
    });
    expect(await voice.warm()).toBeUndefined();
    const before = listenTo(voice);
    before.utterance.say('Hello ');
    voice.drop();
    await spoken(before, 'there. ');
    keys.use(keys.others()[0]!);
    expect(await voice.warm()).toMatchObject({ class: 'auth' });
    expect([sockets(), emulator.journal.entries({ type: 'socket.asked' }).length]).toEqual([0, 0]);
    expect(emulated.sockets()).toBe(2);
  });

  it('are warmed anew when they would soon be too old, and stay while they are not', async () => {
    let now = 0;
    const clock = { now: () => now, setTimeout, clearTimeout };
    const { emulator, voice, sockets } = await openBed({ clock });
    await voice.warm();
    now = 119_000;
    expect(await voice.warm()).toBeUndefined();
    expect(sockets()).toBe(1);
    now = 121_000;
    expect(await voice.warm()).toBeUndefined();
    await emulator.journal.waitFor(({ type, code }) => type === 'socket.closed' && code === 1000);
    now = 240_000;
    await spoken(listenTo(voice), 'Hello. ');
    expect(sockets()).toBe(2);
  });

  it('tell what is wrong when they cannot be warmed', async () => {
    const { voice, emulator } = await openBed({ apiKey: new Secret('wrong') });
    expect(await voice.warm()).toMatchObject({ class: 'auth', httpStatus: 401 });
    emulator.faults.add({ kind: 'refuse' });
    expect(await voice.warm()).toMatchObject({ class: 'network', errno: 'ECONNREFUSED' });
  });

  it('are shared by eight utterances and no more', async () => {
    const { voice, sockets } = await openBed();
    const all = Array.from({ length: 9 }, (_, i) => spoken(listenTo(voice), `number ${i}. `));
    expect((await Promise.all(all)).map((listened) => listened.heard()[1])).toEqual(
      Array.from({ length: 9 }, (_, i) => `${i}.`),
    );
    expect(sockets()).toBe(2);
  });

  it('are replaced before the vendor closes them for idleness', async () => {
    let now = 0;
    const clock = { now: () => now, setTimeout, clearTimeout };
    const { emulator, voice, sockets } = await openBed({ clock });
    await spoken(listenTo(voice), 'One. ');
    now = 239_000;
    await spoken(listenTo(voice), 'Two. ');
    expect(sockets()).toBe(1);
    now += 241_000;
    await spoken(listenTo(voice), 'Three. ');
    expect(sockets()).toBe(2);
    await emulator.journal.waitFor(({ type, code }) => type === 'socket.closed' && code === 1000);
  });

  it('that were closed by the vendor are not used again', async () => {
    const { emulator, voice, sockets } = await openBed({}, { idleCloseMs: 50 });
    expect(await voice.warm()).toBeUndefined();
    await emulator.journal.waitFor(({ type }) => type === 'socket.closed');
    emulator.settings.change({ idleCloseMs: 60_000 });
    await delay(20);
    expect((await spoken(listenTo(voice), 'Hello. ')).heard()).toEqual(['Hello.']);
    expect(sockets()).toBe(2);
  });

  it('that owe an answer for a second are given to nobody else', async () => {
    let now = 0;
    const clock = { now: () => now, setTimeout, clearTimeout };
    const { emulator, voice, sockets } = await openBed({ clock });
    await voice.warm();
    emulator.faults.add({ kind: 'hang', times: 1 });
    const stop = new AbortController();
    const stuck = listenTo(voice, stop.signal);
    stuck.utterance.say('Never heard. ');
    await emulator.journal.waitFor(({ type }) => type === 'context.opened');
    now += 1500;
    await spoken(listenTo(voice), 'Hello. ');
    expect(sockets()).toBe(2);
    stop.abort();
    await emulator.journal.waitFor(({ type }) => type === 'socket.closed');
    expect(stuck.facts).toEqual([]);
  });

  it('are all closed with the voice, and what was being said fails', async () => {
    const { emulator, voice } = await openBed({}, { realTimeFactor: 1 });
    const listened = listenTo(voice);
    listened.utterance.say('one two three four five six seven. ');
    await until(() => listened.pcm().length > 0);
    voice.close();
    await emulator.journal.waitFor(({ type }) => type === 'socket.closed');
    await until(listened.over);
    expect(listened.facts.at(-1)!.type).toBe('voice.failed');
  });
});

it('whatever is dropped, cut and aborted at random: each utterance ends once, and is heard from its beginning', async () => {
  const { emulator, voice } = await openBed({ perSocket: 4 }, { realTimeFactor: 20 });
  const text = Array.from({ length: 12 }, (_, i) => `w${i}`).join(' ');
  const all = Array.from({ length: 40 }, (_, i) => {
    const stop = new AbortController();
    const listened = listenTo(voice, stop.signal);
    for (const word of text.split(/(?<= )/)) listened.utterance.say(word);
    listened.utterance.end();
    const state = { listened, aborted: false, factsAtAbort: 0 };
    if (i % 3 === 0) setTimeout(() => Object.assign(state, abort(stop, listened)), (i * 37) % 400);
    return state;
  });
  for (let i = 0; i < 6; i += 1) {
    await delay(40);
    emulator.faults.add({ kind: 'drop', connection: 1 + i * 2 });
  }
  await until(() => all.every(({ listened, aborted }) => aborted || listened.over()));
  await delay(100);
  for (const { listened, aborted, factsAtAbort } of all) {
    const ends = listened.facts.filter(({ type }) => type === 'voice.done' || type === 'voice.failed');
    expect(ends.length).toBeLessThanOrEqual(1);
    if (aborted) expect(listened.facts).toHaveLength(factsAtAbort);
    const heard = listened.heard().filter((word) => word !== '?');
    expect(text.split(' ').slice(0, heard.length)).toEqual(heard);
    if (listened.facts.at(-1)?.type === 'voice.done') expect(heard).toHaveLength(12);
  }
  expect(all.filter(({ listened }) => listened.facts.at(-1)?.type === 'voice.failed').length).toBeGreaterThan(3);
  expect(all.filter(({ listened }) => listened.facts.at(-1)?.type === 'voice.done').length).toBeGreaterThan(3);
});

function abort(stop: AbortController, listened: Listened): object {
  stop.abort();
  return { aborted: true, factsAtAbort: listened.facts.length };
}
