import { DeepgramClient } from '@deepgram/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createRecogniser } from '../../emulators/deepgram/recogniser.ts';
import { createScript } from '../../emulators/deepgram/script.ts';
import { createDeepgramEmulator, type DeepgramEmulator } from '../../emulators/deepgram/emulator.ts';
import { encodeWord } from '../../emulators/tones/codec.ts';
import { voiceFixtures, voiceSound } from '../../emulators/voices/index.ts';
import { encodeMulaw } from '../../src/audio/mulaw.ts';
import { samplesOf } from '../../src/audio/pcm.ts';
import { createDownsampler } from '../../src/audio/resample.ts';
import { recordFacts } from '../support/record-facts.ts';

interface Message {
  readonly type: string;
  readonly [field: string]: any;
}

let emulator: DeepgramEmulator;
let sockets: WebSocket[] = [];
beforeEach(async () => void (emulator = await createDeepgramEmulator()));
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  sockets = [];
  await emulator.close();
});

const raw = { encoding: 'linear16', sample_rate: '16000' };
const nova = { model: 'nova-3', ...raw, interim_results: 'true' };
const flux = { model: 'flux-general-en', ...raw, eager_eot_threshold: '0.5' };

/** A stream without any SDK. `closed` resolves with the close code and reason. */
function dial(path: string, query: Record<string, string | string[]>, headers: Record<string, string> = {}) {
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as [string, string])),
  );
  const authorization = `Token ${emulator.apiKey}`;
  const socket = new WebSocket(`${emulator.wsUrl}${path}?${search}`, { headers: { authorization, ...headers } });
  const messages = recordFacts<Message>();
  sockets.push(socket);
  socket.on('message', (data) => messages.report(JSON.parse(String(data)) as Message));
  const closed = new Promise<[number, string]>((resolve) =>
    socket.on('close', (code, reason) => resolve([code, String(reason)])),
  );
  const opened = new Promise<void>((resolve, reject) => socket.on('open', resolve).on('error', reject));
  opened.catch(() => {});
  const say = (...pieces: Int16Array[]) => {
    for (const piece of pieces)
      for (let from = 0; from < piece.length; from += 320)
        socket.send(new Uint8Array(piece.slice(from, from + 320).buffer));
  };
  const tell = (message: unknown) => socket.send(JSON.stringify(message));
  return { socket, opened, closed, say, tell, ...messages };
}

async function listen(
  path: '/v1/listen' | '/v2/listen',
  more: Record<string, string | string[]> = {},
  scenario?: string,
) {
  const query = { ...(path === '/v1/listen' ? nova : flux), ...more };
  const line = dial(path, query, scenario === undefined ? {} : { 'x-emulator-scenario': scenario });
  await line.opened;
  return line;
}

const quiet = (durationMs: number) => new Int16Array(samplesOf(durationMs));
const tones = (text: string) => text.split(' ').map((word, number) => encodeWord(word, number));
const loud = (durationMs: number, peak = 8000) =>
  Int16Array.from({ length: samplesOf(durationMs) }, (_, i) => peak * Math.sin(i * 0.05));

const word = (text: string) => [{ text, startMs: 0, endMs: 250 }];
const transcriptOf = (message: Message): string => message['channel'].alternatives[0].transcript;
const isFinal = (message: Message) => message.type === 'Results' && message['is_final'] === true;
const isSpoken = (message: Message) => isFinal(message) && transcriptOf(message) !== '';
const isEvent = (event: string) => (message: Message) => message.type === 'TurnInfo' && message['event'] === event;
const endMs = (message: Message) => Math.round((message['start'] + message['duration']) * 1000);

const refusal = (path: string, query: Record<string, string | string[]>, headers: Record<string, string> = {}) => {
  const { socket } = dial(path, query, headers);
  return new Promise<{ status?: number; error: unknown; body: any }>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (piece) => (body += piece));
      response.on('end', () =>
        resolve({ status: response.statusCode!, error: response.headers['dg-error'], body: JSON.parse(body) }),
      );
    });
  });
};

const client = () => {
  const { apiKey, httpUrl, wsUrl } = emulator;
  return new DeepgramClient({
    apiKey,
    environment: { base: httpUrl, production: wsUrl, agent: wsUrl, agentRest: httpUrl },
  });
};

describe('v1', () => {
  test('D1.5 interims 300 ms after the onset and every 250, the final 150 ms after the last sound, by the audio alone', async () => {
    const { say, until, facts } = await listen('/v1/listen');
    say(quiet(500), loud(1000), quiet(500));
    const final = await until(isFinal);
    const interims = facts.filter((message) => message.type === 'Results' && !message['is_final']).map(endMs);
    expect(interims).toEqual([800, 1050, 1300, 1550]);
    expect([endMs(final), final['speech_final']]).toEqual([1650, true]);
  });

  test('the delays are settings, also of a stream that is open', async () => {
    const { say, until } = await listen('/v1/listen');
    emulator.settings.change({ finalMs: 400 });
    say(quiet(500), loud(1000), quiet(500));
    expect(endMs(await until(isFinal))).toBe(1900);
  });

  test('reads words from tones, with their times', async () => {
    const { say, until } = await listen('/v1/listen');
    say(quiet(500), ...tones('Guten Tag, Лина!'), quiet(400));
    const final = await until(isSpoken);
    expect(transcriptOf(final)).toBe('Guten Tag, Лина!');
    expect(final).toMatchObject({ channel_index: [0, 1], metadata: { model_info: { name: 'nova-3' } } });
    const { words } = final['channel'].alternatives[0];
    expect(words.map(({ word }: { word: string }) => word)).toEqual(['guten', 'tag', 'лина']);
    expect(words[0].start).toBeCloseTo(0.5, 1);
  });

  test('reads them from a mu-law telephone too', async () => {
    const { socket, until } = await listen('/v1/listen', { encoding: 'mulaw', sample_rate: '8000' });
    const narrow = createDownsampler();
    for (const piece of [quiet(400), ...tones('hello there'), quiet(400)]) socket.send(encodeMulaw(narrow.push(piece)));
    expect(transcriptOf(await until(isSpoken))).toBe('hello there');
  });

  test('tells the beginning of speech and the end of an utterance when asked to', async () => {
    const { say, until, facts } = await listen('/v1/listen', { vad_events: 'true', utterance_end_ms: '1000' });
    say(quiet(500), ...tones('hello there'), quiet(1500));
    const end = await until(({ type }) => type === 'UtteranceEnd');
    const final = facts.find(isSpoken)!;
    expect(facts[0]).toEqual({ type: 'SpeechStarted', channel: [0, 1], timestamp: 0.5 });
    expect(end['last_word_end']).toBe(final['channel'].alternatives[0].words.at(-1).end);
  });

  test('without endpointing there is no speech_final', async () => {
    const { say, until } = await listen('/v1/listen', { endpointing: 'false' });
    say(quiet(500), ...tones('hello'), quiet(400));
    expect(await until(isSpoken)).toMatchObject({ speech_final: false });
  });

  test('settles long speech in several segments', async () => {
    emulator.settings.change({ segmentMs: 1000 });
    const { say, until, facts } = await listen('/v1/listen');
    say(...tones('one two three four five six seven eight nine ten'), quiet(400));
    await until((message) => isSpoken(message) && message['speech_final']);
    const finals = facts.filter(isSpoken);
    expect(finals.length).toBeGreaterThan(2);
    expect(finals.map(transcriptOf).join(' ')).toBe('one two three four five six seven eight nine ten');
    for (const [i, final] of finals.entries())
      if (i > 0) expect(final['start'] * 1000).toBeCloseTo(endMs(finals[i - 1]!), 0);
  });

  test('Finalize settles what was heard so far, or is not answered at all', async () => {
    const first = await listen('/v1/listen');
    first.say(quiet(400), ...tones('one two'));
    first.tell({ type: 'Finalize' });
    const final = await first.until(isFinal);
    expect([transcriptOf(final), final['from_finalize'], final['speech_final']]).toEqual(['one two', true, false]);
    emulator.settings.change({ finalizeReplies: false });
    const second = await listen('/v1/listen');
    second.say(quiet(400), ...tones('one two'));
    second.tell({ type: 'Finalize' });
    second.tell({ type: 'CloseStream' });
    await second.until(({ type }) => type === 'Metadata');
    expect(second.facts.some((message) => message['from_finalize'])).toBe(false);
  });

  test.each([1000, 1005] as const)('CloseStream gives the last final, Metadata and close %i', async (code) => {
    emulator.settings.change({ closeStreamCode: code });
    const { say, tell, closed, facts } = await listen('/v1/listen');
    say(quiet(400), ...tones('bye'));
    tell({ type: 'CloseStream' });
    expect((await closed)[0]).toBe(code);
    expect(facts.slice(-2).map(({ type }) => type)).toEqual(['Results', 'Metadata']);
  });

  test('an empty frame closes the stream', async () => {
    const { socket, closed, facts } = await listen('/v1/listen');
    socket.send(new Uint8Array(0));
    expect((await closed)[0]).toBe(1000);
    expect(facts).toMatchObject([{ type: 'Metadata', duration: 0 }]);
  });

  test('starves without audio and text: Metadata, then 1011 NET-0001; KeepAlive feeds it', async () => {
    emulator.settings.change({ starvationMs: 300 });
    const { tell, closed, facts } = await listen('/v1/listen');
    const since = performance.now();
    const feeding = setInterval(() => tell({ type: 'KeepAlive' }), 50);
    setTimeout(() => clearInterval(feeding), 500);
    const [code, reason] = await closed;
    expect(performance.now() - since).toBeGreaterThan(700);
    expect([code, reason]).toEqual([1011, expect.stringMatching(/net0001/)]);
    expect(facts.map(({ type }) => type)).toEqual(['Metadata']);
  });

  test('works on audio no faster than it is told to', async () => {
    emulator.settings.change({ maxSpeed: 10 });
    const { say, until } = await listen('/v1/listen');
    const since = performance.now();
    say(quiet(2000), ...tones('late'), quiet(1000));
    await until(isSpoken);
    expect(performance.now() - since).toBeGreaterThan(200);
  });
});

describe('real voices', () => {
  const fixture = voiceFixtures().find(({ words }) => words.length >= 6)!;
  const said = fixture.words.map(({ text }) => text).join(' ');

  test('words come from the script, at the pace of the audio', async () => {
    emulator.script([{ words: [...fixture.words] }]);
    const { say, until, facts } = await listen('/v1/listen');
    say(quiet(1000), voiceSound(fixture), quiet(1500));
    await until((message) => isSpoken(message) && transcriptOf(message).endsWith(fixture.words.at(-1)!.text));
    expect(facts.filter(isSpoken).map(transcriptOf).join(' ')).toBe(said);
    const early = facts.filter((message) => message.type === 'Results' && !message['is_final']);
    for (const interim of early)
      for (const { end } of interim['channel'].alternatives[0].words)
        expect(end * 1000).toBeLessThan(endMs(interim) + 200);
    expect(JSON.stringify(emulator.journal.entries({ type: 'message.sent' }))).not.toContain('undefined');
  });

  test('a pause inside does not use up the next sound; a sound without words is nothing', async () => {
    const words = [
      { text: 'a', startMs: 0, endMs: 300 },
      { text: 'room', startMs: 1000, endMs: 1300 },
    ];
    emulator.script([
      { words },
      { words: [], durationMs: 400 },
      { words: [{ text: 'thanks', startMs: 0, endMs: 300 }] },
    ]);
    const { say, until, facts } = await listen('/v1/listen');
    say(quiet(500), loud(300), quiet(700), loud(300), quiet(800));
    say(loud(100), quiet(120), loud(100), quiet(800), loud(300), quiet(800));
    await until((message) => isSpoken(message) && transcriptOf(message) === 'thanks');
    expect(facts.filter(isFinal).map(transcriptOf)).toEqual(['a', 'room', '', 'thanks']);
  });

  test('sounds belong to a scenario, or to whoever comes first; quieter ones than meant carry no words', async () => {
    emulator.script([{ words: [{ text: 'mine', startMs: 0, endMs: 200 }] }], { scenario: 'a' });
    emulator.script([{ words: [{ text: 'anyone’s', startMs: 0, endMs: 200 }], minDb: -20 }]);
    const mine = await listen('/v1/listen', {}, 'a');
    const other = await listen('/v1/listen');
    for (const { say } of [mine, other]) say(quiet(500), loud(200, 1000), quiet(800), loud(200, 8000), quiet(800));
    expect(transcriptOf(await mine.until(isSpoken))).toBe('mine');
    const found = await other.until(isSpoken);
    expect([transcriptOf(found), endMs(found) > 1500]).toEqual(['anyone’s', true]);
  });

  test('a final may be late, changed, empty or doubled; nothing overtakes it', async () => {
    emulator.script([
      { words: word('late'), final: { delayMs: 600 } },
      { words: word('cook'), final: { text: 'book it' } },
      { words: word('gone'), final: { text: '' } },
      { words: word('twice'), final: { twice: true } },
    ]);
    const { say, facts, tell, closed } = await listen('/v1/listen');
    say(quiet(500));
    for (let i = 0; i < 4; i += 1) say(loud(320), quiet(800));
    tell({ type: 'CloseStream' });
    await closed;
    const finals = facts.filter(isFinal).map(transcriptOf);
    expect(finals).toEqual(['late', 'book it', '', 'twice', 'twice']);
    expect(facts.filter((message) => message.type === 'Results').map(transcriptOf)).toContain('gone');
  });

  test.each(['moment-de', 'cheaper-ru', 'name-1', 'number-8-ru-0', 'backchannel-uh-huh', 'goodbye-ru', 'williams'])(
    'hears every word of %s and leaves the next sound’s alone',
    (name) => {
      const { file, words, durationMs } = voiceFixtures().find(({ file }) => file.includes(name))!;
      const script = createScript();
      script.add({ sounds: [{ words, durationMs }, { words: word('next') }] });
      const nextSound = (levelDb: number, onset: boolean) => script.take(undefined, levelDb, onset);
      const { push, ...heard } = createRecogniser({
        sampleRateHz: 16_000,
        nextSound,
        damaged: () => {},
      });
      for (const piece of [quiet(700), voiceSound({ file }), quiet(700)]) push(piece, () => {});
      expect(heard.words.map(({ text }) => text)).toEqual(words.map(({ text }) => text));
    },
  );

  test('in a noise that never ends, a voice begins where it is as loud as meant', async () => {
    emulator.script([{ words: [{ text: 'over', startMs: 0, endMs: 300 }], minDb: -20 }]);
    const { say, until, facts } = await listen('/v1/listen', { utterance_end_ms: '1000' });
    say(quiet(500), loud(1000, 900), loud(320, 8000), loud(600, 900), quiet(500));
    const found = await until(isSpoken);
    expect(found['channel'].alternatives[0].words[0].start).toBeCloseTo(1.45, 1);
    expect(facts.filter(isSpoken)).toHaveLength(1);
  });

  test('a script that makes no sense is refused, naming the field', () => {
    expect(() => emulator.script([])).toThrow(/sounds/);
    expect(() => emulator.script([{ words: [{ text: '', startMs: 0, endMs: 1 }] }])).toThrow(/text/);
    expect(() => emulator.script([{ wrods: [] } as never])).toThrow(/wrods/);
    expect(() => emulator.strikeOpen({ kind: 'nothing' })).toThrow(/kind/);
  });
});

describe('v2', () => {
  test('D1.5 a turn: start, updates, eager end 60 ms and end 150 ms after the last sound, with one text', async () => {
    const { say, until, facts } = await listen('/v2/listen');
    say(quiet(500), ...tones('two nights please'), quiet(600));
    const end = await until(isEvent('EndOfTurn'));
    const turns = facts.filter(({ type }) => type === 'TurnInfo');
    expect(facts.map((message) => message['sequence_id'])).toEqual(facts.map((_, i) => i));
    expect(facts[0]).toMatchObject({ type: 'Connected', request_id: expect.any(String) });
    expect(turns.map((message) => message['event'])).toEqual([
      'StartOfTurn',
      ...turns.slice(1, -2).map(() => 'Update'),
      'EagerEndOfTurn',
      'EndOfTurn',
    ]);
    const eager = turns.at(-2)!;
    expect([eager['transcript'], end['transcript'], end['trigger']]).toEqual([
      'two nights please',
      'two nights please',
      'model',
    ]);
    expect(end['audio_window_end'] - eager['audio_window_end']).toBeCloseTo(0.09, 5);
  });

  test('a caller who goes on within the turn resumes it; the next turn has the next index', async () => {
    const { say, until, facts } = await listen('/v2/listen');
    say(
      quiet(500),
      ...tones('a room'),
      quiet(110),
      encodeWord('please', 2),
      quiet(400),
      encodeWord('thanks', 3),
      quiet(400),
    );
    await until((message) => isEvent('EndOfTurn')(message) && message['turn_index'] === 1);
    const notable = facts.filter(({ type, event }) => type === 'TurnInfo' && event !== 'Update');
    expect(notable.map(({ event, turn_index: index, transcript }) => [event, index, transcript])).toEqual([
      ['StartOfTurn', 0, 'a'],
      ['EagerEndOfTurn', 0, 'a room'],
      ['TurnResumed', 0, 'a room'],
      ['EagerEndOfTurn', 0, 'a room please'],
      ['EndOfTurn', 0, 'a room please'],
      ['StartOfTurn', 1, 'thanks'],
      ['EagerEndOfTurn', 1, 'thanks'],
      ['EndOfTurn', 1, 'thanks'],
    ]);
  });

  test('without an eager threshold there are no eager events; at 1.0 only the timeout ends a turn', async () => {
    const query = { ...raw, model: 'flux-general-en', eot_threshold: '1.0', eot_timeout_ms: '700' };
    const line = dial('/v2/listen', query);
    await line.opened;
    line.say(quiet(500), ...tones('hello'), quiet(500), encodeWord('again', 1), quiet(1000));
    const end = await line.until(isEvent('EndOfTurn'));
    expect([end['transcript'], end['trigger']]).toEqual(['hello again', 'timeout']);
    expect(line.facts.some(isEvent('EagerEndOfTurn'))).toBe(false);
  });

  test('words that plainly go on are waited for', async () => {
    const { say, until } = await listen('/v2/listen', { eot_timeout_ms: '5000' });
    say(quiet(500), ...tones('I want a room,'), quiet(900), encodeWord('please', 4), quiet(500));
    expect(await until(isEvent('EndOfTurn'))).toMatchObject({ transcript: 'I want a room, please' });
  });

  test('a scripted voice that pauses is waited for; its text may settle differently', async () => {
    const words = [
      { text: 'a', startMs: 0, endMs: 300 },
      { text: 'room', startMs: 1000, endMs: 1300 },
    ];
    emulator.script([{ words, final: { text: 'a broom' } }]);
    const { say, until, facts } = await listen('/v2/listen');
    say(quiet(500), loud(300), quiet(700), loud(300), quiet(800));
    const end = await until(isEvent('EndOfTurn'));
    expect([end['transcript'], end['turn_index']]).toEqual(['a broom', 0]);
    expect(facts.findLast(isEvent('EagerEndOfTurn'))!['transcript']).toBe('a broom');
  });

  test('Configure is answered, and counts; nonsense in it is refused and the stream goes on', async () => {
    const { say, tell, until } = await listen('/v2/listen');
    tell({ type: 'Configure', thresholds: { eot_threshold: 0.2 } });
    await until(({ type }) => type === 'ConfigureFailure');
    tell({ type: 'Configure', language_hints: ['de'] });
    tell({ type: 'Configure', thresholds: { eot_threshold: 1, eot_timeout_ms: 500 }, keyterms: ['Lindau'] });
    expect(await until(({ type }) => type === 'ConfigureSuccess')).toMatchObject({
      thresholds: { eager_eot_threshold: 0.5, eot_threshold: 1, eot_timeout_ms: 500 },
      keyterms: ['Lindau'],
    });
    say(quiet(500), ...tones('hello'), quiet(700));
    expect(await until(isEvent('EndOfTurn'))).toMatchObject({ trigger: 'timeout' });
  });

  test('a KeepAlive ends the stream with 1005; any other stranger with an Error and 1011', async () => {
    const first = await listen('/v2/listen');
    first.tell({ type: 'KeepAlive' });
    expect((await first.closed)[0]).toBe(1005);
    for (const message of [{ type: 'Finalize' }, { type: 'ForceEndTurn' }, 'text']) {
      const line = await listen('/v2/listen');
      line.tell(message);
      expect((await line.closed)[0]).toBe(1011);
      expect(line.facts.at(-1)).toMatchObject({ type: 'Error', code: 'UNPARSABLE_CLIENT_MESSAGE' });
    }
  });

  test('Connected may be late, and audio before it is lost', async () => {
    emulator.settings.change({ connectedDelayMs: 200 });
    const { say, until, facts } = await listen('/v2/listen');
    say(quiet(500), ...tones('lost'), quiet(500));
    await until(({ type }) => type === 'Connected');
    say(quiet(500), ...tones('heard'), quiet(500));
    await until(isEvent('EndOfTurn'));
    expect(facts.filter(isEvent('EndOfTurn')).map(({ transcript }) => transcript)).toEqual(['heard']);
  });

  test('closes when no audio comes, whatever else does', async () => {
    emulator.settings.change({ fluxIdleMs: 200 });
    const { tell, closed } = await listen('/v2/listen');
    tell({ type: 'Configure', thresholds: {} });
    expect((await closed)[0]).toBe(1005);
  });
});

describe('the handshake', () => {
  test.each([
    ['an unknown model', '/v1/listen', { ...nova, model: 'nova-9' }, /No such model/],
    ['an unknown language', '/v1/listen', { ...nova, language: 'tlh' }, /No such model/],
    ['no sample rate', '/v1/listen', { model: 'nova-3', encoding: 'linear16' }, /sample_rate/],
    ['an odd sample rate', '/v1/listen', { ...nova, sample_rate: '12345' }, /sample rate/],
    ['an unknown encoding', '/v1/listen', { ...nova, encoding: 'mp3' }, /encoding/],
    ['keywords with Nova-3', '/v1/listen', { ...nova, keywords: 'Lindau' }, /keyterm/],
    ['utterance_end_ms below 1000', '/v1/listen', { ...nova, utterance_end_ms: '500' }, /utterance_end_ms/],
    [
      'utterance_end_ms without interims',
      '/v1/listen',
      { ...nova, interim_results: 'false', utterance_end_ms: '1000' },
      /interim/,
    ],
    ['a boolean that is none', '/v1/listen', { ...nova, punctuate: '1' }, /punctuate/],
    ['endpointing that is no number', '/v1/listen', { ...nova, endpointing: 'soon' }, /endpointing/],
    ['a Nova model on v2', '/v2/listen', { ...flux, model: 'nova-3' }, /model/],
    ['a language on v2', '/v2/listen', { ...flux, language: 'en' }, /language/],
    ['a hint for the English model', '/v2/listen', { ...flux, language_hint: 'ru' }, /flux-general-multi/],
    ['an unknown hint', '/v2/listen', { ...flux, model: 'flux-general-multi', language_hint: ['en', 'tlh'] }, /tlh/],
    [
      'an eager threshold above the end',
      '/v2/listen',
      { ...flux, eager_eot_threshold: '0.8', eot_threshold: '0.6' },
      /eager/,
    ],
    ['a timeout out of range', '/v2/listen', { ...flux, eot_timeout_ms: '100' }, /eot_timeout_ms/],
  ])('refuses %s with 400 and says why', async (_, path, query, words) => {
    const { status, error, body } = await refusal(path, query as Record<string, string>);
    expect([status, body.err_code]).toEqual([400, 'Bad Request']);
    expect(body.err_msg).toMatch(words);
    expect(error).toBe(body.err_msg);
  });

  test('refuses a missing or wrong key with 401, an unknown path with 404, one stream too many with 429', async () => {
    const wrong = { authorization: 'Token wrong' };
    expect(await refusal('/v1/listen', nova, wrong)).toMatchObject({ status: 401, body: { err_code: 'INVALID_AUTH' } });
    expect(await refusal('/v2/listen', flux, { authorization: '' })).toMatchObject({ status: 401 });
    expect(await refusal('/v3/listen', nova)).toMatchObject({ status: 404 });
    emulator.settings.change({ maxStreams: 0 });
    expect(await refusal('/v1/listen', nova)).toMatchObject({ status: 429, body: { err_code: 'TOO_MANY_REQUESTS' } });
  });
});

describe('a status that is told to come', () => {
  const fault = { kind: 'status', status: 502, body: '<html>', headers: { 'retry-after': '7' } };

  test('answers a stream with the body as it is, and the headers', async () => {
    emulator.faults.add(fault);
    const { socket } = dial('/v1/listen', nova);
    const [status, headers, body] = await new Promise<[number, object, string]>((resolve) =>
      socket.on('unexpected-response', (_request, response) => {
        let text = '';
        response.on('data', (piece) => (text += piece));
        response.on('end', () => resolve([response.statusCode!, response.headers, text]));
      }),
    );
    expect([status, body]).toEqual([502, '<html>']);
    expect(headers).toMatchObject({ 'retry-after': '7' });
  });

  test('answers a probe in the same way', async () => {
    emulator.faults.add(fault);
    const answer = await fetch(`${emulator.httpUrl}/v1/projects`);
    expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([502, '7', '<html>']);
    emulator.faults.clear();
    emulator.faults.add({ kind: 'status', status: 429, body: { err_code: 'SLOW_DOWN' } });
    expect(await (await fetch(`${emulator.httpUrl}/v1/projects`)).json()).toEqual({ err_code: 'SLOW_DOWN' });
  });
});

describe('the vendor’s own SDK', () => {
  test('D1.5 streams to both APIs, and its probe finds the key good', async () => {
    const one = await client().listen.v1.connect({
      model: 'nova-3',
      encoding: 'linear16',
      sample_rate: 16_000,
      reconnectAttempts: 0,
    });
    const two = await client().listen.v2.connect({
      model: 'flux-general-en',
      encoding: 'linear16',
      sample_rate: 16_000,
      reconnectAttempts: 0,
    });
    for (const connection of [one, two]) {
      const messages = recordFacts<Message>();
      connection.on('message', (message) => messages.report(message as Message));
      connection.connect();
      await connection.waitForOpen();
      for (const piece of [quiet(500), ...tones('hello there'), quiet(500)]) connection.sendMedia(piece);
      await messages.until((message) => isSpoken(message) || isEvent('EndOfTurn')(message));
      connection.close();
    }
    expect((await client().manage.v1.projects.list()).projects).toEqual([{ project_id: 'emulated', name: 'emulated' }]);
    expect(emulator.journal.entries({ type: 'stream.asked' }).map(({ authorization }) => authorization)).toEqual([
      'Token',
      'Token',
    ]);
  });

  test('its probe sees a bad key', async () => {
    emulator.settings.change({ apiKey: 'another' });
    await expect(client().manage.v1.projects.list()).rejects.toMatchObject({ statusCode: 401 });
  });
});

test('scripts and strikes come in over the control port too', async () => {
  const post = (path: string, body: unknown) =>
    fetch(`${emulator.controlUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
  expect((await post('/script', { sounds: [{ words: [{ text: 'hello', startMs: 0, endMs: 200 }] }] })).status).toBe(
    201,
  );
  const bad = await post('/script', { sounds: [{ words: 'hello' }] });
  expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('words')]);
  const { say, until, closed } = await listen('/v1/listen');
  say(quiet(500), loud(250), quiet(500));
  expect(transcriptOf(await until(isSpoken))).toBe('hello');
  expect(await (await fetch(`${emulator.controlUrl}/script`)).json()).toEqual({ '': [] });
  await post('/strike', { kind: 'close', code: 1012, reason: 'service restart' });
  expect(await closed).toEqual([1012, 'service restart']);
});

test('a word that was hurt on its way is told in the journal and to nobody else', async () => {
  const { say, until } = await listen('/v1/listen');
  const hurt = encodeWord('damaged', 0);
  hurt.fill(0, 1600, 2400);
  say(quiet(500), hurt, encodeWord('whole', 1), quiet(500));
  expect(transcriptOf(await until(isSpoken))).toBe('whole');
  expect(emulator.journal.entries({ type: 'word.damaged' })).toHaveLength(1);
});
