import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TranscriberFact } from '../../../src/actors/transcriber.ts';
import { createFlux } from '../../../src/adapters/deepgram/flux.ts';
import { createNova } from '../../../src/adapters/deepgram/nova.ts';
import { Secret } from '../../../src/secret.ts';
import { noFrame, openOddServer } from '../../support/odd-server.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { spoken, startDeepgram, write, type DeepgramWorld } from './world.ts';

expectNoUnhandledRejections();

const opened = (fact: TranscriberFact) => fact.type === 'stt.opened';
const hasFailed = (fact: TranscriberFact) => fact.type === 'stt.failed';
const isWords = (fact: TranscriberFact) => fact.type === 'stt.words';
const network = { vendor: 'deepgram', class: 'network', retryable: true };

describe.each([
  ['Nova', createNova],
  ['Flux', createFlux],
] as const)('Deepgram %s', (_, create) => {
  let world: DeepgramWorld;
  beforeEach(async () => void (world = await startDeepgram(create)));
  afterEach(() => world.close());

  const failureOf = async (listening = world.listen()) => {
    const fact = await listening.until(hasFailed);
    expect(listening.facts.filter(hasFailed)).toHaveLength(1);
    expect(listening.facts.at(-1)).toBe(fact);
    return fact.type === 'stt.failed' ? fact.failure : undefined;
  };

  /** Opens, lets the caller speak and gives the failure that comes in mid-stream. */
  const failureWhileHearing = async () => {
    const listening = world.listen();
    await listening.until(opened);
    write(listening.session, spoken('one two three four'));
    return failureOf(listening);
  };

  test('refuses: the port does not listen', async () => {
    world.emulator.faults.add({ kind: 'refuse' });
    expect(await failureOf()).toMatchObject({ ...network, phase: 'connect', errno: 'ECONNREFUSED' });
  });

  test.each(['connect', 'handshake'] as const)('hangs at the %s: stays unopened until told to stop', async (at) => {
    const { faults, journal } = world.emulator;
    faults.add({ kind: 'hang', at });
    const { facts, session, stop } = world.listen();
    write(session, spoken('hello'));
    const { connection } = await journal.waitFor(({ type }) => type === 'fault.applied');
    expect(facts).toEqual([]);
    stop();
    await journal.waitFor((entry) => entry.type === 'connection.closed' && entry['connection'] === connection);
    expect(facts).toEqual([]);
  });

  test('is reset at the connect and at the handshake', async () => {
    for (const at of ['connect', 'handshake']) {
      world.emulator.faults.add({ kind: 'reset', at, times: 1 });
      expect(await failureOf()).toMatchObject({ ...network, phase: 'connect', errno: 'ECONNRESET' });
    }
  });

  test.each([
    [401, { class: 'auth', retryable: false }],
    [402, { class: 'api', sub: 'quota', retryable: false }],
    [403, { class: 'auth', retryable: false }],
    [404, { class: 'api', sub: 'config', retryable: false }],
    [500, { class: 'api', sub: 'server', retryable: true }],
    [503, { class: 'api', sub: 'server', retryable: true }],
  ])('answers the handshake with %i: status, code and text are told', async (status, expected) => {
    const body = { err_code: `CODE_${status}`, err_msg: 'The text of it.', request_id: 'r' };
    world.emulator.faults.add({ kind: 'status', status, body });
    const failure = await failureOf();
    expect(failure).toMatchObject({
      ...expected,
      phase: 'handshake',
      httpStatus: status,
      vendorCode: `CODE_${status}`,
    });
    expect(failure?.message).toContain('The text of it.');
    expect((await world.asked())['authorization']).toBe('Token');
  });

  test('answers the handshake with 429: how long to wait is told', async () => {
    const fault = {
      kind: 'status',
      status: 429,
      headers: { 'retry-after': '2' },
      body: { err_code: 'TOO_MANY_REQUESTS' },
    };
    world.emulator.faults.add(fault);
    const expected = {
      class: 'api',
      sub: 'rate',
      retryable: true,
      retryAfterMs: 2000,
      vendorCode: 'TOO_MANY_REQUESTS',
    };
    expect(await failureOf()).toMatchObject(expected);
  });

  test('has no room for another stream', async () => {
    world.emulator.settings.change({ maxStreams: 1 });
    await world.listen().until(opened);
    expect(await failureOf()).toMatchObject({ class: 'api', sub: 'rate', httpStatus: 429 });
  });

  test('answers the handshake with something that is no JSON', async () => {
    world.emulator.faults.add({ kind: 'status', status: 502, body: '<html>' });
    const failure = await failureOf();
    expect(failure).toMatchObject({ class: 'api', sub: 'server', httpStatus: 502, vendorCode: 'emulated' });
    expect(failure?.message).toBe('handshake refused with 502');
  });

  test('does not know the key', async () => {
    world.emulator.settings.change({ apiKey: 'another' });
    const failure = await failureOf();
    expect(failure).toMatchObject({ class: 'auth', httpStatus: 401, vendorCode: 'INVALID_AUTH' });
    expect(JSON.stringify(failure)).not.toContain(world.emulator.apiKey);
  });

  test('is reset in mid-stream', async () => {
    world.emulator.faults.add({ kind: 'reset', after: 2 });
    expect(await failureWhileHearing()).toMatchObject({ ...network, phase: 'stream' });
  });

  test.each([
    [1000, '', network],
    [1005, '', network],
    [1001, 'going away', network],
    [1011, 'NET-0000: no answer in time', { class: 'api', sub: 'server', retryable: true }],
    [1011, 'did not receive audio data or a text message. See https://dpgr.am/net0001', { ...network, sub: 'starved' }],
    [1008, 'DATA-0000: undecodable', { class: 'api', sub: 'protocol', retryable: false }],
  ])('closes in mid-stream with %i %s', async (code, reason, expected) => {
    world.emulator.faults.add({ kind: 'close', after: 2, code, reason });
    expect(await failureWhileHearing()).toMatchObject({ ...expected, phase: 'stream', wsCode: code });
  });

  test('sends its own error and closes: the error counts', async () => {
    const listening = world.listen();
    await listening.until(opened);
    world.emulator.strikeOpen({ kind: 'error' });
    expect(await failureOf(listening)).toMatchObject({
      class: 'api',
      sub: 'server',
      retryable: true,
      vendorCode: 'INTERNAL_SERVER_ERROR',
      phase: 'stream',
    });
  });

  test('sends garbage: a little is counted, more ends the stream', async () => {
    const listening = world.listen();
    await listening.until(opened);
    world.emulator.strikeOpen({ kind: 'garbage' });
    const failure = await failureOf(listening);
    expect(failure).toMatchObject({ class: 'api', sub: 'protocol', retryable: true, message: '5 unreadable messages' });
    await world.emulator.journal.waitFor(({ type }) => type === 'stream.closed');
  });

  test('is slow: everything comes, in order, later', async () => {
    world.emulator.faults.add({ kind: 'slow', delayMs: 20 });
    const { facts, session, until } = world.listen();
    write(session, spoken('one two three'));
    await until((fact) => fact.type === 'stt.words' && fact.final);
    expect(facts.filter(isWords).at(-1)).toMatchObject({ text: 'one two three' });
    expect(facts.some(hasFailed)).toBe(false);
  });

  test('stalls in mid-sentence: nothing more is heard, and leaving still works', async () => {
    const { facts, session, until, stop } = world.listen();
    await until(opened);
    write(session, spoken('one two three four', { afterMs: 0 }));
    await until(isWords);
    world.emulator.strikeOpen({ kind: 'stall' });
    const told = facts.length;
    write(session, spoken('five six'));
    stop();
    await world.emulator.journal.waitFor(({ type }) => type === 'stream.closed');
    expect(facts).toHaveLength(told);
  });

  test('takes no more audio: the stream is given up before memory is', async () => {
    const { session, until, facts } = world.listen();
    await until(opened);
    world.emulator.strikeOpen({ kind: 'deaf' });
    const second = new Int16Array(16_000).fill(1000);
    for (let seconds = 0; seconds < 2000 && !facts.some(hasFailed); seconds += 1) {
      session.write(second);
      if (seconds % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await until(hasFailed)).toMatchObject({ failure: { ...network, sub: 'stall', phase: 'stream' } });
    world.emulator.strikeOpen({ kind: 'reset' });
  });
});

describe.each([
  ['Nova', createNova],
  ['Flux', createFlux],
] as const)('Deepgram %s, misconfigured', (_, create) => {
  const failureWith = async (adapter: Parameters<typeof startDeepgram>[1] & object) => {
    const world = await startDeepgram(create, adapter);
    const fact = await world.listen().until(hasFailed);
    await world.close();
    return fact.type === 'stt.failed' ? fact.failure : undefined;
  };

  test('a key that no header can carry is an unusable key, not a crash', async () => {
    const failure = await failureWith({ adapter: { apiKey: new Secret('key\nwith a break') } });
    expect(failure).toMatchObject({ class: 'auth', retryable: false, phase: 'connect' });
    expect(JSON.stringify(failure)).not.toContain('with a break');
  });

  test.each(['not an address', '', 'ftp://127.0.0.1'])(
    'an address such as "%s" is a wrong setting, not a crash',
    async (wsUrl) => {
      expect(await failureWith({ adapter: { wsUrl } })).toMatchObject({
        class: 'api',
        sub: 'config',
        retryable: false,
      });
    },
  );

  test('a vendor that sends no frames is not the network: what it sends cannot be read', async () => {
    const odd = await openOddServer((_socket, under) => under.write(noFrame));
    const failure = await failureWith({ adapter: { wsUrl: `ws://127.0.0.1:${odd.port}` } });
    expect(failure).toMatchObject({
      class: 'api',
      sub: 'protocol',
      retryable: true,
      phase: 'stream',
      errno: 'WS_ERR_UNEXPECTED_RSV_2_3',
    });
    expect(odd.upgraded()).toBe(1);
  });

  test('a host that is not there is the network', async () => {
    const failure = await failureWith({ adapter: { wsUrl: 'ws://nowhere.invalid' } });
    expect(failure).toMatchObject({
      class: 'network',
      phase: 'connect',
      errno: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
    });
  });
});

test('a model that the vendor does not have is a wrong setting', async () => {
  const world = await startDeepgram((options) => createNova({ ...options, model: 'nova-9' }));
  const fact = await world.listen().until(hasFailed);
  expect(fact).toMatchObject({ failure: { class: 'api', sub: 'config', httpStatus: 400 } });
  expect(fact.type === 'stt.failed' && fact.failure.message).toContain('No such model');
  await world.close();
});
