import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeCertificate } from '../../../emulators/cartesia/certificate.ts';
import { listenTo, type Listened } from '../../support/contracts/voice.ts';
import { noFrame, openOddServer } from '../../support/odd-server.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { openBed } from './bed.ts';

expectNoUnhandledRejections();

const text = 'one two three four five six seven eight nine ten. ';
const until = (condition: () => boolean) => vi.waitFor(() => expect(condition()).toBe(true), { timeout: 20_000 });

function speak(listened: Listened): Listened {
  listened.utterance.say(text);
  listened.utterance.end();
  return listened;
}

const status = (code: number, error_code?: string, headers?: object) => ({
  kind: 'status',
  status: code,
  body: { error_code, title: 'Refused' },
  ...(headers && { headers }),
});
const error = (status_code: number, error_code: string) => ({ kind: 'error', body: { status_code, error_code } });

/** The adapter on a server that speaks no Cartesia. */
async function openOddBed(meet: Parameters<typeof openOddServer>[0]) {
  const certificate = await makeCertificate();
  onTestFinished(certificate.remove);
  const odd = await openOddServer(meet, certificate);
  const { voice } = await openBed({ baseUrl: `https://127.0.0.1:${odd.port}`, ca: certificate.cert });
  return { odd, voice };
}

const failing: [name: string, fault: object, failure: object][] = [
  ['refuses connections', { kind: 'refuse' }, { class: 'network', phase: 'connect', errno: 'ECONNREFUSED' }],
  ['resets at connect', { kind: 'reset', at: 'connect' }, { class: 'network', phase: 'connect', errno: 'ECONNRESET' }],
  ['hangs at connect', { kind: 'hang', at: 'connect' }, { class: 'network', phase: 'handshake' }],
  ['resets in the handshake', { kind: 'reset', at: 'handshake' }, { class: 'network', phase: 'connect' }],
  ['hangs in the handshake', { kind: 'hang', at: 'handshake' }, { class: 'network', phase: 'handshake' }],
  ['does not know the key', status(401, 'unauthorized'), { class: 'auth', httpStatus: 401, phase: 'handshake' }],
  ['wants money', status(402), { class: 'api', sub: 'quota', httpStatus: 402, retryable: false }],
  ['forbids', status(403), { class: 'auth', httpStatus: 403 }],
  ['is not there', status(404), { class: 'api', sub: 'config', httpStatus: 404 }],
  [
    'has too many sockets and says for how long',
    status(429, 'concurrency_limited', { 'retry-after': '2' }),
    { class: 'api', sub: 'rate', httpStatus: 429, retryAfterMs: 2000 },
  ],
  ['has too many sockets', status(429), { class: 'api', sub: 'rate', httpStatus: 429 }],
  ['breaks in the handshake', status(500), { class: 'api', sub: 'server', httpStatus: 500 }],
  ['is overloaded', status(503), { class: 'api', sub: 'server', httpStatus: 503 }],
  ['resets before the first audio', { kind: 'reset' }, { class: 'network', phase: 'stream', wsCode: 1006 }],
  ['resets in mid-stream', { kind: 'reset', after: 2 }, { class: 'network', phase: 'stream', wsCode: 1006 }],
  ['closes in mid-stream', { kind: 'close', after: 2 }, { class: 'network', phase: 'stream', wsCode: 1000 }],
  [
    'closes for a fault of its own',
    { kind: 'close', code: 1011, after: 1 },
    { class: 'api', sub: 'server', wsCode: 1011 },
  ],
  ['sends what is no JSON', { kind: 'garbage', after: 1 }, { class: 'api', sub: 'protocol', phase: 'stream' }],
  [
    'sends a chunk without its sound',
    { kind: 'garbage', after: 1, body: '{"type":"chunk","context_id":"x"}' },
    { class: 'api', sub: 'protocol', phase: 'stream' },
  ],
  [
    'sends a chunk whose sound is a number',
    { kind: 'garbage', after: 1, body: '{"type":"chunk","context_id":"x","data":5}' },
    { class: 'api', sub: 'protocol', phase: 'stream' },
  ],
  [
    'wants money in mid-stream',
    { ...error(402, 'credit_balance_exhausted'), after: 1 },
    { class: 'api', sub: 'quota', retryable: false },
  ],
  ['limits contexts', error(429, 'concurrency_limited'), { class: 'api', sub: 'rate', httpStatus: 429 }],
  ['does not know the voice', error(404, 'voice_not_found'), { class: 'api', sub: 'config' }],
  ['breaks in mid-stream', { ...error(500, 'internal_error'), after: 2 }, { class: 'api', sub: 'server' }],
  [
    'reports an error without an address',
    { kind: 'error', body: { context_id: null, status_code: 500, message: 'all is lost' }, after: 1 },
    { class: 'api', sub: 'server' },
  ],
];

describe('D1.5 cartesia', () => {
  it.each(failing)('%s: one failure, one attempt, and the next utterance is spoken', async (_, fault, failure) => {
    const { emulator, voice, sockets } = await openBed({ handshakeTimeoutMs: 300 });
    emulator.faults.add(fault);
    const listened = speak(listenTo(voice));
    await until(listened.over);
    await delay(30);
    const ends = listened.facts.filter(({ type }) => type === 'voice.failed' || type === 'voice.done');
    expect(ends).toEqual([
      {
        type: 'voice.failed',
        failure: expect.objectContaining({ vendor: 'cartesia', message: expect.any(String), ...failure }),
      },
    ]);
    expect(listened.facts.at(-1)).toBe(ends[0]);
    expect(sockets()).toBeLessThanOrEqual(1);
    emulator.faults.clear();
    const next = speak(listenTo(voice));
    await until(next.over);
    expect(next.heard()).toEqual(text.trim().split(' '));
  });

  it.each([
    ['before the first audio', { kind: 'hang' }],
    ['in mid-stream', { kind: 'stall', after: 2 }],
  ])('falls silent %s: nothing is reported, and an abort ends it', async (_, fault) => {
    const { emulator, voice } = await openBed();
    emulator.faults.add({ ...fault, times: 1 });
    const stop = new AbortController();
    const listened = speak(listenTo(voice, stop.signal));
    await emulator.journal.waitFor(({ type }) => type === 'speech.generated');
    await delay(100);
    const before = listened.facts.length;
    stop.abort();
    await emulator.journal.waitFor(
      ({ type, message }) => type === 'message.received' && 'cancel' in (message as object),
    );
    expect(listened.facts).toHaveLength(before);
    expect(listened.over()).toBe(false);
  });

  it('drips: everything arrives, in order', async () => {
    const { emulator, voice } = await openBed();
    emulator.faults.add({ kind: 'slow', delayMs: 15, times: 1 });
    const listened = speak(listenTo(voice));
    await until(listened.over);
    expect(listened.heard()).toEqual(text.trim().split(' '));
  });

  it('is not found by its name: a failure of the network', async () => {
    const { voice } = await openBed({ baseUrl: 'https://nowhere.invalid' });
    const listened = speak(listenTo(voice));
    await until(listened.over);
    const errno = expect.stringMatching(/ENOTFOUND|EAI_AGAIN/);
    expect(listened.facts).toMatchObject([{ failure: { class: 'network', phase: 'connect', retryable: true, errno } }]);
  });

  it('sends no frames: not the network, what it sends cannot be read', async () => {
    const { odd, voice } = await openOddBed((_socket, under) => under.write(noFrame));
    const listened = speak(listenTo(voice));
    await until(listened.over);
    expect(listened.facts).toMatchObject([
      { failure: { class: 'api', sub: 'protocol', retryable: true, errno: 'WS_ERR_UNEXPECTED_RSV_2_3' } },
    ]);
    expect(odd.upgraded()).toBe(1);
  });

  it('reads nothing more: all on that socket fail before memory does, and the next utterance gets another', async () => {
    const { odd, voice } = await openOddBed((socket) => socket.pause());
    await voice.warm();
    const [talker, other] = [listenTo(voice), listenTo(voice)];
    other.utterance.say('Hello. ');
    for (let texts = 0; texts < 20_000 && !talker.over(); texts += 1) {
      talker.utterance.say(text.repeat(40));
      if (texts % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { facts } of [talker, other])
      expect(facts).toMatchObject([
        { type: 'voice.failed', failure: { class: 'network', sub: 'stall', phase: 'stream', retryable: true } },
      ]);
    await voice.warm();
    expect(odd.upgraded()).toBe(2);
  });

  it('reads nothing more: an utterance that is aborted then says nothing of it', async () => {
    const { voice } = await openOddBed((socket) => socket.pause());
    await voice.warm();
    const stop = new AbortController();
    const [talker, other] = [listenTo(voice, stop.signal), listenTo(voice)];
    other.utterance.say('Hello. ');
    for (let texts = 0; texts < 200; texts += 1) talker.utterance.say(text.repeat(2000));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(talker.facts).toEqual([]);
    expect(other.facts).toMatchObject([{ type: 'voice.failed', failure: { class: 'network', sub: 'stall' } }]);
  });

  it('is not trusted by its certificate: a failure of the network that says so', async () => {
    const other = await openBed();
    const { voice } = await openBed({ ca: other.emulator.ca });
    const listened = speak(listenTo(voice));
    await until(listened.over);
    expect(listened.facts).toMatchObject([{ failure: { class: 'network', errno: 'DEPTH_ZERO_SELF_SIGNED_CERT' } }]);
  });

  it('drops a socket: every utterance on it fails once, and none on another', async () => {
    const { emulator, voice } = await openBed({ perSocket: 2 }, { realTimeFactor: 2 });
    const all = [1, 2, 3].map(() => speak(listenTo(voice)));
    await until(() => all.every((listened) => listened.pcm().length > 0));
    const first = emulator.journal.entries({ type: 'socket.opened' })[0]!.connection as number;
    emulator.faults.add({ kind: 'drop', connection: first });
    await until(() => all.every((listened) => listened.over()));
    expect(all.map((listened) => listened.facts.at(-1)!.type)).toEqual(['voice.failed', 'voice.failed', 'voice.done']);
    expect(all.map((listened) => listened.facts.filter(({ type }) => type === 'voice.failed').length)).toEqual([
      1, 1, 0,
    ]);
  });
});
