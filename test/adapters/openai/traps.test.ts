import { getEventListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../../src/secret.ts';
import { VendorKeys } from '../../../src/vendor-keys.ts';
import { record } from '../../support/contracts/reply-model.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { ask, openBed } from './bed.ts';

expectNoUnhandledRejections();
afterEach(() => vi.unstubAllEnvs());

const tool = { name: 'room_price', about: 'Price of a room', input: { type: 'object', properties: {} } };

describe('what the SDK would do by itself', () => {
  it('takes no key, address, organization, header or log level from the environment', async () => {
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1');
    vi.stubEnv('OPENAI_API_KEY', 'sk-of-somebody-else');
    vi.stubEnv('OPENAI_ORG_ID', 'org-leak');
    vi.stubEnv('OPENAI_PROJECT_ID', 'proj-leak');
    vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-leak: yes\nauthorization: Bearer stolen');
    vi.stubEnv('OPENAI_LOG', 'debug');
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => undefined);
    const { emulator, model } = await openBed({ provider: 'groq' });
    expect(await record(model, ask('hello')).last).toMatchObject({ type: 'model.finished' });
    const [arrived] = emulator.journal.entries({ type: 'request.arrived' });
    expect(arrived).toMatchObject({ path: '/openai/v1/chat/completions', headers: { authorization: 'Bearer …' } });
    const names = Object.keys(arrived!.headers as object);
    expect(names.filter((name) => /leak|organization|project/.test(name))).toEqual([]);
    expect(debug).not.toHaveBeenCalled();
  });

  it('sends the organization and project it was given, to OpenAI alone', async () => {
    const given = { organization: 'org-1', project: 'proj-1' };
    const seen = await Promise.all(
      (['openai', 'groq'] as const).map(async (provider) => {
        const { emulator, model } = await openBed({ provider, ...given });
        await record(model, ask('hello')).last;
        const { headers } = emulator.journal.entries({ type: 'request.arrived' })[0]!;
        return (headers as Record<string, string>)['openai-organization'];
      }),
    );
    expect(seen).toEqual(['org-1', undefined]);
  });

  it('writes nothing to the console when a message cannot be read', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { emulator, model } = await openBed();
    emulator.faults.add({ kind: 'garbage', times: 1 });
    expect(await record(model, ask('hello')).last).toMatchObject({ type: 'model.failed' });
    expect(error).not.toHaveBeenCalled();
  });

  it('leaves no listener on the signal of a turn', async () => {
    const { model } = await openBed();
    const { signal } = new AbortController();
    for (let i = 0; i < 5; i += 1) await record(model, ask('hello'), signal).last;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('keeps its connection when the end of the body comes after the last message', async () => {
    const { emulator, model } = await openBed({}, { endMs: 40 });
    await record(model, ask('one')).last;
    await delay(150);
    await record(model, ask('two')).last;
    expect(emulator.journal.entries({ type: 'connection.opened' })).toHaveLength(1);
  });

  it('keeps its connection for longer than the four seconds of fetch', async () => {
    // Without a hint of the server the client alone decides.
    const { emulator, model } = await openBed({}, { keepAliveMs: 0 });
    await record(model, ask('one')).last;
    await delay(6500);
    await record(model, ask('two')).last;
    expect(emulator.journal.entries({ type: 'connection.opened' })).toHaveLength(1);
  });
});

describe('keys', () => {
  it('one that no header can carry is a failure of class auth that does not show it', async () => {
    const { model, requests } = await openBed({ apiKey: new Secret('sk-very\nsecret-ключ') });
    const last = await record(model, ask('hello')).last;
    expect(last).toMatchObject({ type: 'model.failed', failure: { class: 'auth', retryable: false } });
    expect(JSON.stringify(last)).not.toMatch(/very|secret-/);
    expect(requests()).toBe(0);
  });

  it('one that the vendor quotes in its refusal is not repeated', async () => {
    const { emulator, model } = await openBed({ apiKey: new Secret('plainkeyplainkey') });
    const body = { error: { message: 'Incorrect API key provided: plainkeyplainkey.', code: 'invalid_api_key' } };
    emulator.faults.add({ kind: 'status', status: 401, body, times: 1 });
    const last = await record(model, ask('hello')).last;
    expect(last).toMatchObject({ failure: { message: expect.stringContaining('[secret]') } });
    expect(JSON.stringify(last)).not.toContain('plainkey');
  });

  it('an address that is none is a failure too, and nothing is thrown', async () => {
    const { model } = await openBed({ baseUrl: 'not an address' });
    expect(await record(model, ask('hello')).last).toMatchObject({ type: 'model.failed' });
  });
});

describe('what is sent', () => {
  const tuning = { temperature: 0.3, maxTokens: 200, serviceTier: 'priority', promptCacheKey: 'agent' } as const;

  it('to OpenAI: what it knows, and that nothing is to be stored', async () => {
    const { emulator, model } = await openBed({ ...tuning, reasoningEffort: 'none' });
    await record(model, { ...ask('hello'), tools: [tool] }).last;
    expect(emulator.journal.entries({ type: 'completion.asked' })[0]!.body).toEqual({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
      store: false,
      tools: [{ type: 'function', function: { name: tool.name, description: tool.about, parameters: tool.input } }],
      parallel_tool_calls: true,
      temperature: 0.3,
      max_completion_tokens: 200,
      reasoning_effort: 'none',
      service_tier: 'priority',
      prompt_cache_key: 'agent',
    });
  });

  it('to Groq: only what it takes', async () => {
    const { emulator, model } = await openBed({ provider: 'groq', ...tuning });
    await record(model, ask('hello')).last;
    expect(emulator.journal.entries({ type: 'completion.asked' })[0]!.body).toEqual({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      temperature: 0.3,
      max_completion_tokens: 200,
    });
  });

  it.each(['openai', 'groq'] as const)(
    '%s tells that a tool call is being written, piece by piece',
    async (provider) => {
      const { emulator, model } = await openBed({ provider });
      emulator.think(() => ({ tools: [{ name: tool.name, input: { nights: 3 } }] }));
      const { facts, last } = record(model, { ...ask('price?'), tools: [tool] });
      await last;
      const pieces = facts.slice(0, -2).map(({ type }) => type);
      expect(pieces.length).toBeGreaterThan(2);
      expect(new Set(pieces)).toEqual(new Set(['model.progressed']));
    },
  );

  it.each(['openai', 'groq'] as const)('%s tells how many tokens it counted', async (provider) => {
    const { emulator, model } = await openBed({ provider });
    emulator.think(() => ({ text: 'One two three.' }));
    expect(await record(model, ask('count for me')).last).toEqual({
      type: 'model.finished',
      reason: 'stop',
      tokens: 6,
    });
  });

  it('an answer that the filter withheld is a failure that repeating does not mend', async () => {
    const { emulator, model } = await openBed();
    emulator.think(() => ({ text: 'Half of', finish: 'content_filter' }));
    expect(await record(model, ask('hello')).last).toMatchObject({
      type: 'model.failed',
      failure: { class: 'api', retryable: false, vendorCode: 'content_filter' },
    });
  });
});

describe('warming up', () => {
  it('opens the connection that the first answer then uses', async () => {
    const { emulator, model } = await openBed();
    expect(await model.warm()).toBeUndefined();
    await delay(50);
    await record(model, ask('hello')).last;
    expect(emulator.journal.entries({ type: 'connection.opened' })).toHaveLength(1);
  });

  it('tells what is wrong, and does not throw', async () => {
    const { emulator, model } = await openBed({ apiKey: new Secret('sk-wrong') });
    expect(await model.warm()).toMatchObject({ class: 'auth', httpStatus: 401, phase: 'rest' });
    emulator.faults.add({ kind: 'refuse' });
    expect(await model.warm()).toMatchObject({ class: 'network', errno: 'ECONNREFUSED' });
  });

  it('D8.6 a pool that may be stale is dropped: what is under way is answered, what comes later goes over another', async () => {
    const { emulator, model } = await openBed();
    emulator.think(() => ({ text: 'one two three four five six' }));
    const before = record(model, ask('hello'));
    await emulator.journal.waitFor(({ type }) => type === 'request.arrived');
    model.drop();
    expect(await model.warm()).toBeUndefined();
    expect(await before.last).toMatchObject({ type: 'model.finished' });
    expect(await record(model, ask('again')).last).toMatchObject({ type: 'model.finished' });
    expect(emulator.journal.entries({ type: 'connection.opened' })).toHaveLength(2);
  });

  it('D8.3 another key is used by what is asked after it was taken', async () => {
    const keys = new VendorKeys(new Secret('sk-wrong'), new Secret('sk-emulated-openai'));
    const { model } = await openBed({ apiKey: keys });
    expect(await record(model, ask('hello')).last).toMatchObject({ type: 'model.failed', failure: { class: 'auth' } });
    keys.use(keys.others()[0]!);
    expect(await record(model, ask('hello')).last).toMatchObject({ type: 'model.finished' });
  });

  it('is given up when the model is closed', async () => {
    const { emulator, model } = await openBed();
    emulator.faults.add({ kind: 'hang', at: 'handshake' });
    const warming = model.warm();
    await emulator.journal.waitFor(({ type }) => type === 'fault.applied');
    await model.close();
    expect(await warming).toMatchObject({ vendor: 'openai', class: 'network' });
  });
});
