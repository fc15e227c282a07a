import { afterEach, describe, expect, test, vi } from 'vitest';
import type { TranscriberFact } from '../../../src/actors/transcriber.ts';
import { createFlux } from '../../../src/adapters/deepgram/flux.ts';
import { createNova } from '../../../src/adapters/deepgram/nova.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { spoken, startDeepgram, write } from './world.ts';

expectNoUnhandledRejections();

const opened = (fact: TranscriberFact) => fact.type === 'stt.opened';
const hasFailed = (fact: TranscriberFact) => fact.type === 'stt.failed';
const isEnd = (fact: TranscriberFact) => fact.type === 'stt.turn_maybe_ended' || fact.type === 'stt.turn_ended';

afterEach(() => vi.unstubAllEnvs());

describe.each([
  ['Nova', createNova],
  ['Flux', createFlux],
] as const)('traps of the SDK, closed in %s', (_, create) => {
  test('keys and addresses in the environment do not get in', async () => {
    vi.stubEnv('DEEPGRAM_API_KEY', 'from-the-environment');
    vi.stubEnv('DEEPGRAM_ACCESS_TOKEN', 'from-the-environment');
    const world = await startDeepgram(create);
    await world.listen().until(opened);
    expect((await world.asked())['authorization']).toBe('Token');
    await world.close();
  });

  test('a receiver that throws loses that fact, not the stream, and nothing is printed', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const world = await startDeepgram(create);
    const stop = new AbortController();
    const { promise, resolve } = Promise.withResolvers<TranscriberFact>();
    let thrown = 0;
    const session = world.transcriber.open({ signal: stop.signal, languages: ['en'], terms: [] }, (fact) => {
      if (isEnd(fact)) resolve(fact);
      if (fact.type !== 'stt.words' || thrown > 0) return;
      thrown += 1;
      throw new Error('a receiver with a fault');
    });
    write(session, spoken('one two three'));
    expect(await promise).toMatchObject({ text: 'one two three' });
    expect([thrown, printed.mock.calls]).toEqual([1, []]);
    printed.mockRestore();
    stop.abort();
    await world.emulator.close();
  });

  test('a stream that was closed or reset is not dialled again, however long one waits', async () => {
    const world = await startDeepgram(create);
    for (const strike of [
      { kind: 'close', code: 1011 },
      { kind: 'close', code: 1005 },
      { kind: 'error' },
      { kind: 'reset' },
    ]) {
      const { until } = world.listen();
      await until(opened);
      world.emulator.strikeOpen(strike);
      await until(hasFailed);
    }
    await longerThanTheSdkWaits();
    expect(world.emulator.journal.entries({ type: 'connection.opened' })).toHaveLength(4);
    await world.close();
  });

  test('leaving tells the vendor to stop, and a vendor that does not close is left all the same', async () => {
    const world = await startDeepgram(create);
    const before = openSockets();
    const { until, stop } = world.listen();
    await until(opened);
    stop();
    const { journal } = world.emulator;
    await journal.waitFor(({ type, message }) => type === 'message.received' && isCloseStream(message));
    await expect.poll(openSockets, { timeout: 20_000 }).toBe(before);
    const second = world.listen();
    await second.until(opened);
    world.emulator.strikeOpen({ kind: 'deaf' });
    second.stop();
    // The deaf end keeps its socket open, ours goes.
    await expect.poll(openSockets, { timeout: 20_000 }).toBe(before + 1);
    await world.close();
  });

  test('a session keeps five seconds of what was said before it opened, and drops the oldest', async () => {
    const world = await startDeepgram(create);
    const { session, until } = world.listen();
    write(session, spoken('forgotten', { beforeMs: 0, afterMs: 3000 }));
    write(session, spoken('remembered'));
    expect(await until(isEnd)).toMatchObject({ utterance: 0, text: 'remembered' });
    await world.close();
  });
});

/** It would be back within 1 to 5 s, or at once over a transport of one's own. */
const longerThanTheSdkWaits = () => new Promise((resolve) => setTimeout(resolve, 1200));

const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

const isCloseStream = (message: unknown) => (message as { type?: unknown } | undefined)?.type === 'CloseStream';

describe('Nova', () => {
  test('a CloseStream that is answered without a status is the end: no ghost stream is dialled', async () => {
    const world = await startDeepgram(createNova, { settings: { closeStreamCode: 1005 } });
    const { until, stop } = world.listen();
    await until(opened);
    stop();
    const { journal } = world.emulator;
    await journal.waitFor(({ type }) => type === 'stream.closed');
    await longerThanTheSdkWaits();
    expect(journal.entries({ type: 'connection.opened' })).toHaveLength(1);
    await world.close();
  });

  test('spells out every parameter, booleans as strings, terms one by one', async () => {
    const world = await startDeepgram(createNova);
    await world.listen({ terms: ['Lindau', 'Bad Schachen'] }).until(opened);
    expect((await world.asked())['query']).toEqual({
      model: 'nova-3',
      encoding: 'linear16',
      sample_rate: '16000',
      channels: '1',
      language: 'en',
      interim_results: 'true',
      endpointing: '100',
      utterance_end_ms: '1000',
      vad_events: 'true',
      smart_format: 'false',
      punctuate: 'true',
      numerals: 'true',
      profanity_filter: 'false',
      keyterm: ['Lindau', 'Bad Schachen'],
    });
    await world.close();
  });

  test('listens for one language, or for all of its many at once', async () => {
    const world = await startDeepgram(createNova);
    await world.listen({ languages: ['ru'] }).until(opened);
    await world.listen({ languages: ['en', 'de'] }).until(opened);
    expect((await world.asked(0))['query']).toMatchObject({ language: 'ru' });
    expect((await world.asked(1))['query']).toMatchObject({ language: 'multi' });
    await world.close();
  });

  test('keeps a stream alive by text while no audio is due, and only then', async () => {
    const clock = createVirtualClock();
    const world = await startDeepgram(createNova, { adapter: { clock } });
    const { session, until, stop } = world.listen();
    await until(opened);
    await clock.advance(2000);
    write(session, spoken('hello'));
    await until(isEnd);
    await clock.advance(2000);
    const keepAlives = () =>
      world.emulator.journal
        .entries({ type: 'message.received' })
        .filter(({ message }) => (message as { type: string }).type === 'KeepAlive').length;
    expect(keepAlives()).toBe(0);
    await clock.advance(5000);
    await world.emulator.journal.waitFor(() => keepAlives() > 0);
    stop();
    expect(clock.pending()).toBe(0);
    await world.close();
  });

  test('is starved when even that is missing, and says so', async () => {
    const world = await startDeepgram(createNova, {
      settings: { starvationMs: 100 },
      adapter: { clock: createVirtualClock() },
    });
    expect(await world.listen().until(hasFailed)).toMatchObject({
      failure: { class: 'network', sub: 'starved', wsCode: 1011, retryable: true },
    });
    await world.close();
  });

  test('asks for the final of what was said', async () => {
    const world = await startDeepgram(createNova);
    const { session, until } = world.listen();
    await until(opened);
    write(session, spoken('one two', { afterMs: 0 }));
    session.finalize();
    expect(await until((fact) => fact.type === 'stt.words' && fact.final)).toMatchObject({ text: 'one two' });
    await world.close();
  });
});

describe('Flux', () => {
  test('spells out every parameter; English needs no hint', async () => {
    const world = await startDeepgram(createFlux);
    await world.listen({ terms: ['Lindau'] }).until(opened);
    expect((await world.asked())['query']).toEqual({
      model: 'flux-general-en',
      encoding: 'linear16',
      sample_rate: '16000',
      eager_eot_threshold: '0.5',
      eot_threshold: '0.7',
      eot_timeout_ms: '3000',
      numerals: 'true',
      profanity_filter: 'false',
      keyterm: 'Lindau',
    });
    await world.close();
  });

  test('takes other languages as hints for the model that knows many', async () => {
    const world = await startDeepgram(createFlux);
    await world.listen({ languages: ['en', 'ru'] }).until(opened);
    expect((await world.asked())['query']).toMatchObject({ model: 'flux-general-multi', language_hint: ['en', 'ru'] });
    await world.close();
  });

  test('waits for Connected, not for the socket, before it sends audio', async () => {
    const world = await startDeepgram(createFlux, { settings: { connectedDelayMs: 150 } });
    const { session, until } = world.listen();
    write(session, spoken('one two'));
    expect(await until(isEnd)).toMatchObject({ text: 'one two' });
    expect(world.emulator.journal.entries({ type: 'audio.lost' })).toEqual([]);
    await world.close();
  });

  test('streams silence while no audio is due, so that a turn still ends', async () => {
    const clock = createVirtualClock();
    const world = await startDeepgram(createFlux, { adapter: { clock } });
    const { session, until, facts, stop } = world.listen();
    await until(opened);
    write(session, spoken('one two', { afterMs: 0 }));
    await until((fact) => fact.type === 'stt.words');
    expect(facts.some(isEnd)).toBe(false);
    await clock.advance(2000);
    expect(await until((fact) => fact.type === 'stt.turn_ended')).toMatchObject({ text: 'one two' });
    stop();
    expect(clock.pending()).toBe(0);
    await world.close();
  });

  test('expects by Configure: also before it is open, not twice the same, and never KeepAlive or Finalize', async () => {
    const world = await startDeepgram(createFlux);
    const { session, until } = world.listen({ terms: ['Lindau'] });
    session.expect({ kind: 'open' });
    session.expect({ kind: 'digits' });
    session.expect({ kind: 'digits' });
    session.finalize();
    write(session, spoken('one two three', { afterMs: 1300 }));
    write(session, spoken('four', { beforeMs: 0 }));
    expect(await until((fact) => fact.type === 'stt.turn_ended')).toMatchObject({ text: 'one two three four' });
    session.expect({ kind: 'open', terms: ['Bodensee'] });
    write(session, spoken('thank you'));
    expect(await until((fact) => fact.type === 'stt.turn_ended' && fact.utterance === 1)).toMatchObject({
      text: 'thank you',
    });
    const received = world.emulator.journal.entries({ type: 'message.received' }).map(({ message }) => message);
    expect(received).toMatchObject([
      { type: 'Configure', thresholds: { eot_threshold: 1, eot_timeout_ms: 1500 }, keyterms: ['Lindau'] },
      { type: 'Configure', thresholds: { eot_threshold: 0.7 }, keyterms: ['Lindau', 'Bodensee'] },
    ]);
    const answers = world.emulator.journal.entries({ type: 'message.sent' }).map(({ message }) => message);
    expect(answers).not.toContainEqual(expect.objectContaining({ type: 'ConfigureFailure' }));
    await world.close();
  });

  test('of what is expected before it is open keeps the latest hundred', async () => {
    const world = await startDeepgram(createFlux, { settings: { connectedDelayMs: 100 } });
    const { session, until } = world.listen();
    for (let i = 0; i < 150; i += 1) session.expect({ kind: 'open', terms: [`term${i}`] });
    await until(opened);
    const { journal } = world.emulator;
    const received = () => journal.entries({ type: 'message.received' }).map(({ message }) => message);
    await journal.waitFor(() => JSON.stringify(received().at(-1) ?? '').includes('term149'));
    expect(received()).toHaveLength(100);
    expect(received()[0]).toMatchObject({ keyterms: ['term50'] });
    await world.close();
  });

  test('ends a turn by force only where the account has it', async () => {
    const world = await startDeepgram((options) => createFlux({ ...options, canForceEnd: true }), {
      settings: { forceEndTurn: true },
    });
    const { session, until } = world.listen();
    await until(opened);
    write(session, spoken('one two', { afterMs: 0 }));
    await until((fact) => fact.type === 'stt.words' && fact.text === 'one two');
    session.finalize();
    expect(await until((fact) => fact.type === 'stt.turn_ended')).toMatchObject({ text: 'one two' });
    await world.close();
  });
});
