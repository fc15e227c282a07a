import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { record } from '../../support/contracts/reply-model.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { ask, openBed } from './bed.ts';

expectNoUnhandledRejections();

const status = (code: number, error?: object, headers?: object) => ({
  kind: 'status',
  status: code,
  ...(error && { body: { error } }),
  ...(headers && { headers }),
});

const failing: [name: string, fault: object, failure: object][] = [
  [
    'refuses connections',
    { kind: 'refuse' },
    { class: 'network', phase: 'connect', errno: 'ECONNREFUSED', retryable: true },
  ],
  ['resets at connect', { kind: 'reset', at: 'connect' }, { class: 'network', errno: 'ECONNRESET', retryable: true }],
  ['resets before it answers', { kind: 'reset', at: 'handshake' }, { class: 'network', retryable: true }],
  ['resets before the first token', { kind: 'reset' }, { class: 'network', phase: 'stream', retryable: true }],
  ['resets in mid-stream', { kind: 'reset', after: 2 }, { class: 'network', phase: 'stream', retryable: true }],
  [
    'ends in mid-stream without a finish reason',
    { kind: 'close', after: 2 },
    { class: 'network', sub: 'stall', phase: 'stream', retryable: true },
  ],
  ['sends what is no JSON', { kind: 'garbage', after: 2 }, { class: 'api', sub: 'protocol', phase: 'stream' }],
  [
    'reports an error within the stream',
    { kind: 'error', after: 2 },
    { class: 'api', sub: 'server', phase: 'stream', vendorCode: 'server_error', retryable: true },
  ],
  [
    'does not know the key',
    status(401, { code: 'invalid_api_key' }),
    { class: 'auth', httpStatus: 401, retryable: false },
  ],
  ['does not take the request', status(400), { class: 'api', sub: 'config', httpStatus: 400, retryable: false }],
  [
    'has given up the model',
    status(400, { code: 'model_decommissioned' }),
    { class: 'api', sub: 'config', httpStatus: 400, retryable: false },
  ],
  ['wants to be paid first', status(402), { class: 'api', sub: 'quota', httpStatus: 402, retryable: false }],
  ['finds the request too long', status(413), { class: 'api', sub: 'config', httpStatus: 413, retryable: false }],
  ['cannot process the request', status(422), { class: 'api', sub: 'config', httpStatus: 422, retryable: false }],
  [
    'answers with a page instead of a stream',
    { kind: 'status', status: 200, body: '<html>', headers: { 'content-type': 'text/html' } },
    { class: 'api', sub: 'protocol', phase: 'stream', message: expect.stringContaining('text/html'), retryable: true },
  ],
  [
    'answers with one object instead of a stream',
    { kind: 'status', status: 200, body: { choices: [] } },
    { class: 'api', sub: 'protocol', phase: 'stream', retryable: true },
  ],
  ['forbids', status(403), { class: 'auth', httpStatus: 403, retryable: false }],
  [
    'does not serve our country',
    status(403, { code: 'unsupported_country_region_territory' }),
    { class: 'auth', sub: 'region', httpStatus: 403, retryable: false },
  ],
  [
    'does not know the model',
    status(404, { code: 'model_not_found' }),
    { class: 'api', sub: 'config', retryable: false },
  ],
  [
    'is over its limit and says for how long',
    status(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '90' }),
    { class: 'api', sub: 'rate', httpStatus: 429, retryAfterMs: 90_000, retryable: true },
  ],
  ['is over its limit', status(429), { class: 'api', sub: 'rate', httpStatus: 429, retryable: true }],
  [
    'wants money',
    status(429, { code: 'insufficient_quota', type: 'insufficient_quota' }),
    { class: 'api', sub: 'quota', httpStatus: 429, retryable: false },
  ],
  ['has no flex capacity', status(498), { class: 'api', sub: 'rate', httpStatus: 498, retryable: true }],
  ['breaks', status(500), { class: 'api', sub: 'server', httpStatus: 500, retryable: true }],
  ['is overloaded', status(503), { class: 'api', sub: 'server', httpStatus: 503, retryable: true }],
];

describe.each(['openai', 'groq'] as const)('D1.5 %s', (provider) => {
  it.each(failing)('%s: one failure, one request', async (_, fault, failure) => {
    const { emulator, model, requests } = await openBed({ provider });
    emulator.think(() => ({ text: 'One two three four five.' }));
    emulator.faults.add(fault);
    const recorded = record(model, ask('count'));
    expect(await recorded.last).toEqual({
      type: 'model.failed',
      failure: expect.objectContaining({ vendor: provider, message: expect.any(String), ...failure }),
    });
    await delay(30);
    const ends = recorded.facts.filter(({ type }) => type !== 'model.text');
    expect(ends).toHaveLength(1);
    expect(requests()).toBeLessThanOrEqual(1);
  });
});

describe.each(['openai', 'groq'] as const)('%s, when it hangs', (provider) => {
  it.each([
    ['at connect', { kind: 'hang', at: 'connect' }, ''],
    ['before it answers', { kind: 'hang', at: 'handshake' }, ''],
    ['before the first token', { kind: 'hang' }, ''],
    ['in mid-stream', { kind: 'stall', after: 2 }, 'One two'],
  ])('%s is left by an abort, without a word, and its connection is given up', async (_, fault, text) => {
    const { emulator, model } = await openBed({ provider });
    emulator.think(() => ({ text: 'One two three four five.' }));
    emulator.faults.add({ ...fault, times: 1 });
    const stop = new AbortController();
    const recorded = record(model, ask('count'), stop.signal);
    const { connection } = await emulator.journal.waitFor(({ type }) => type === 'fault.applied');
    await vi.waitFor(() => expect(recorded.text()).toBe(text), { timeout: 10_000 });
    await delay(50);
    const before = recorded.facts.length;
    stop.abort();
    await emulator.journal.waitFor((entry) => entry.type === 'connection.closed' && entry.connection === connection);
    expect(recorded.facts).toHaveLength(before);
  });

  it('or drips is waited for, and everything arrives', async () => {
    const { emulator, model } = await openBed({ provider });
    emulator.think(() => ({ text: 'One two three.' }));
    emulator.faults.add({ kind: 'slow', delayMs: 40, times: 1 });
    const recorded = record(model, ask('count'));
    expect(await recorded.last).toMatchObject({ type: 'model.finished', reason: 'stop' });
    expect(recorded.text()).toBe('One two three.');
  });

  it('or is not found by its name is a failure of the network', async () => {
    const { model } = await openBed({ provider, baseUrl: 'http://nowhere.invalid/v1' });
    expect(await record(model, ask('hello')).last).toMatchObject({
      type: 'model.failed',
      failure: {
        vendor: provider,
        class: 'network',
        phase: 'connect',
        retryable: true,
        errno: expect.stringMatching(/ENOTFOUND|EAI_AGAIN/),
      },
    });
  });

  it('or is dropped between two answers costs nothing: the next one opens its own connection', async () => {
    const { emulator, model } = await openBed({ provider });
    await record(model, ask('hello')).last;
    emulator.faults.add({ kind: 'drop' });
    await emulator.journal.waitFor(({ type }) => type === 'connection.closed');
    await delay(20);
    expect(await record(model, ask('hello')).last).toMatchObject({ type: 'model.finished' });
  });
});
