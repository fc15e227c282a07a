import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import type { Work } from '../../../src/actors/trouble.ts';
import { createAccessMending } from '../../../src/adapters/recovery/access.ts';
import { systemClock } from '../../../src/clock.ts';
import { createKeyRing } from '../../../src/key-ring.ts';
import { Secret } from '../../../src/secret.ts';
import { VendorKeys } from '../../../src/vendor-keys.ts';
import { oddLivekit, reply } from '../livekit/odd-livekit.ts';

const secret = new Secret('secretsecretsecretsecretsecretsecret');
const keys = (...names: string[]) => new Map(names.map((name) => [name, secret]));
const look: Work = async () => ({ did: 'looked' });
const refused = { target: 'livekit-room', since: 0 } as const;
const { signal } = new AbortController();

/** A LiveKit that knows these keys, and a ring of ours. */
async function world(known: readonly string[], ours: readonly string[], read?: readonly string[]) {
  const { url } = await oddLivekit((response, { token }) => {
    const key = String(decodeJwt(token).iss);
    if (known.includes(key)) reply(response, 200);
    else reply(response, 401, `invalid API key: ${key}`);
  });
  const ring = createKeyRing(keys(...ours));
  const readKeys = () => read && keys(...read);
  const noKeys = { vendorKeys: () => undefined, lookBy: () => look, renew: look };
  const mending = createAccessMending({ ring, readKeys, livekitUrl: url, look, ...noKeys, clock: systemClock });
  return { ring, refresh: () => mending.refreshToken(refused, { signal }), mending };
}

test('D8.3 where LiveKit has forgotten our key the next one of the ring signs, and the others are believed as before', async () => {
  const { ring, refresh } = await world(['new-key'], ['old-key', 'new-key']);
  const result = await refresh();
  expect(result).toEqual({ did: expect.stringMatching(/^tokens are signed by the key \w{8} instead of \w{8}$/) });
  expect([ring.signing().apiKey, [...ring.all().keys()].toSorted()]).toEqual(['new-key', ['new-key', 'old-key']]);
});

test('D8.3 keys are read anew where they come from', async () => {
  const { ring, refresh } = await world(['fresh-key'], ['old-key'], ['fresh-key']);
  expect(await refresh()).toMatchObject({ did: expect.not.stringContaining('fresh-key') });
  expect([...ring.all().keys()]).toEqual(['fresh-key']);
});

test('D8.3 a key that LiveKit knows signs the next token', async () => {
  const { ring, refresh } = await world(['key'], ['key']);
  expect(await refresh()).toEqual({ did: expect.stringMatching(/^LiveKit takes the key \w{8}: the next token/) });
  expect(ring.signing().apiKey).toBe('key');
});

test('D8.3 bad input: no other key, of LiveKit or of a vendor, is a failure and changes nothing', async () => {
  const { ring, refresh, mending } = await world([], ['one', 'two']);
  expect(await refresh()).toMatchObject({ class: 'auth', message: 'LiveKit knows none of our 2 keys' });
  expect(ring.signing().apiKey).toBe('one');
  expect(await mending.refreshToken({ target: 'openai', since: 0 }, { signal })).toMatchObject({
    message: 'there is no other key for openai',
  });
});

const failure = (kind: 'auth' | 'network') =>
  ({ vendor: 'openai', phase: 'rest', class: kind, retryable: kind === 'network', message: kind }) as const;

/** A vendor that takes these keys, is away for others, and an account of ours with three. */
async function vendor(taken: readonly string[], away: readonly string[] = []) {
  const keys = new VendorKeys(new Secret('one'), new Secret('two'), new Secret('three'));
  const asked: string[] = [];
  const mending = createAccessMending({
    ring: createKeyRing(new Map([['key', secret]])),
    readKeys: () => undefined,
    livekitUrl: 'http://127.0.0.1:1',
    look,
    vendorKeys: (target) => (target === 'openai' ? keys : undefined),
    lookBy: (key) => async () => {
      asked.push(key.reveal());
      if (away.includes(key.reveal())) return failure('network');
      return taken.includes(key.reveal()) ? { did: 'answered' } : failure('auth');
    },
    renew: async () => ({ did: 'renewed the pool' }),
    clock: systemClock,
  });
  return { keys, asked, result: await mending.refreshToken({ target: 'openai', since: 0 }, { signal }) };
}

test('D8.3 where a vendor refuses our key the next one that it takes is in use, and pools are made anew', async () => {
  const { keys, asked, result } = await vendor(['three']);
  expect([keys.reveal(), asked]).toEqual(['three', ['two', 'three']]);
  expect(result).toEqual({ did: expect.stringMatching(/^openai is asked by the key \w{8} instead of \w{8}; renewed/) });
  expect(JSON.stringify(result)).not.toMatch(/three|one/);
});

test('D8.3 a vendor that takes none of them, or is away, is asked by the same key as before', async () => {
  const none = await vendor([]);
  expect([none.keys.reveal(), none.result]).toMatchObject(['one', { class: 'auth', retryable: false }]);
  const away = await vendor(['three'], ['two']);
  expect([away.keys.reveal(), away.result]).toEqual(['one', failure('network')]);
});
