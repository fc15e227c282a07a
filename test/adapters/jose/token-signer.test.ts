import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { createTokenSigner } from '../../../src/adapters/jose/token-signer.ts';
import { Secret } from '../../../src/secret.ts';
import { claimsOf, judgeGrants, judgeTimes, presetNames, type TokenRefusal } from '../../../src/token.ts';
import { keysOf, ringOf } from '../../support/keys.ts';
import { tokenCases } from '../../support/token-cases.ts';

const key = { apiKey: 'devkey', apiSecret: 'canary-secret-0123456789-0123456789' };
const older = ['older', 'another-secret-0123456789-0123456789'] as const;
const signer = createTokenSigner(ringOf([key.apiKey, key.apiSecret], older));
const nowMs = 1_800_000_000_000;
const request = {
  preset: 'caller',
  identity: 'ada',
  room: 'voice-ai-call-1',
  name: 'Ada',
  attributes: { a: 'b' },
} as const;
const claims = claimsOf(request, key.apiKey, { jti: 'one', atMs: nowMs });

const own = (iss: string) => ({ ...claims, iss });

async function signed(by = signer, what = claims): Promise<string> {
  const token = await by.sign(what);
  if (!(token instanceof Secret)) throw new Error(token.message);
  return token.reveal();
}

describe('tokens signed by jose', () => {
  test('D2.1 D6.1 R1.2 R6.1 bear iss, sub, iat, nbf, exp ten minutes later, jti and the grants, signed by HMAC-SHA256', async () => {
    const token = await signed();
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(decodeJwt(token)).toEqual({
      iss: 'devkey',
      sub: 'ada',
      iat: 1_800_000_000,
      nbf: 1_800_000_000,
      exp: 1_800_000_600,
      jti: 'one',
      name: 'Ada',
      attributes: { a: 'b', 'voicechart.role': 'caller' },
      video: {
        roomJoin: true,
        room: 'voice-ai-call-1',
        canPublish: true,
        canPublishSources: ['microphone'],
        canSubscribe: true,
        canPublishData: true,
      },
    });
    const options = { algorithms: ['HS256'], currentDate: new Date(nowMs) };
    await expect(jwtVerify(token, new TextEncoder().encode(key.apiSecret), options)).resolves.toBeDefined();
  });

  test('R8.3 what the ring holds at that moment signs and is believed, also a new secret of an old name', async () => {
    const ring = ringOf(['a', 'a'.repeat(32)]);
    const changing = createTokenSigner(ring);
    const first = await signed(changing, own(changing.apiKey));
    ring.change(keysOf(['b', 'b'.repeat(32)], ['a', 'a'.repeat(32)]));
    const second = await signed(changing, own(changing.apiKey));
    expect([changing.apiKey, decodeJwt(first).iss, decodeJwt(second).iss]).toEqual(['b', 'a', 'b']);
    expect([await changing.read(first), await changing.read(second)]).toEqual([own('a'), own('b')]);
    ring.change(keysOf(['b', 'B'.repeat(32)]));
    expect([await changing.read(first), await changing.read(second)]).toMatchObject([
      { code: 'key_unknown' },
      { code: 'signature_wrong' },
    ]);
  });

  test.each(presetNames)('what a %s’s token says is what was asked for', async (preset) => {
    const asked = claimsOf({ ...request, preset }, key.apiKey, { jti: 'one', atMs: nowMs });
    expect(await signer.read(await signed(signer, asked))).toEqual(asked);
  });

  test('one that was signed by any key that is known is believed, by the secret of that key', async () => {
    expect(await signer.read(await signed(signer, own('older')))).toEqual(own('older'));
    const forger = createTokenSigner(ringOf([key.apiKey, older[1]]));
    expect(await signer.read(await signed(forger))).toMatchObject({ code: 'signature_wrong' });
  });

  test('without a secret nothing is signed, and what is said of it tells none', async () => {
    const failure = await signer.sign({ ...claims, iss: 'unknown' });
    expect(failure).toMatchObject({ vendor: 'jose', retryable: false });
    expect(JSON.stringify([failure, signer, await signer.sign(claims)])).not.toMatch(/canary|eyJ/);
  });

  test('a life is never longer than ten minutes, whatever is asked for', () => {
    const long = claimsOf({ ...request, lifeSeconds: 86_400 }, key.apiKey, { jti: 'one', atMs: nowMs });
    expect(long.exp - long.iat).toBe(600);
  });
});

describe('D6.2 whether a token is believed', () => {
  test.each(tokenCases(key, nowMs))('$name: $ours', async ({ token, ours, server }) => {
    const read = await signer.read(token);
    const refusal: TokenRefusal | undefined =
      'fault' in read ? read : (judgeTimes(read, nowMs) ?? judgeGrants(read, { rights: ['roomJoin'] }));
    expect(refusal?.code ?? 'valid').toBe(ours);
    if (refusal) expect(refusal.message).not.toBe('');
    if (refusal && server === 'valid') expect(refusal.stricter).toBeTruthy();
  });
});
