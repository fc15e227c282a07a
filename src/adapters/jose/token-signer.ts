import { webcrypto } from 'node:crypto';
import { compactVerify, type CryptoKey, SignJWT } from 'jose';
import type { TokenSigner } from '../../actors/token-signer.ts';
import type { KeyRing } from '../../key-ring.ts';
import { Secret } from '../../secret.ts';
import { readClaims, type TokenRefusal } from '../../token.ts';
import { failureOf } from '../classify.ts';

/** HS256 and nothing else, as LiveKit's server has it. What the ring holds at that moment signs and is believed. */
export function createTokenSigner(keys: KeyRing): TokenSigner {
  const keyOf = importedKeys(keys);
  return {
    get apiKey() {
      return keys.signing().apiKey;
    },
    async sign(claims) {
      try {
        const jwt = new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT' });
        return new Secret(await jwt.sign(await keyOf(claims.iss)));
      } catch (error) {
        return failureOf('config', { vendor: 'jose', phase: 'rest', message: String(error) });
      }
    },
    async read(token) {
      const parts = partsOf(token);
      if (!parts) return refused('malformed', 'This is no token');
      if (token.length > mostCharacters) return refused('too_long', 'The token is too long', 'ours are shorter');
      if (parts.header['crit'] !== undefined)
        return refused('extension', 'The token needs an extension', 'one that is not known must not be passed over');
      if (parts.header['alg'] !== 'HS256') return refused('algorithm', 'A token must be signed by HS256');
      const issuer = String(parts.payload['iss']);
      if (!keys.all().has(issuer))
        return refused('key_unknown', 'The token was signed by a key that is not known here');
      const right = await isSigned(token, () => keyOf(issuer));
      return right ? readClaims(parts.payload) : refused('signature_wrong', 'The signature does not fit the token');
    },
  };
}

/** Imported once each: importing costs more than signing. */
function importedKeys(keys: KeyRing): (apiKey: string) => Promise<CryptoKey> {
  const imported = new WeakMap<Secret, Promise<CryptoKey>>();
  return async (apiKey) => {
    const secret = keys.all().get(apiKey);
    if (!secret) throw new Error('the API key has no secret');
    const bytes = new TextEncoder().encode(secret.reveal());
    const hmac = { name: 'HMAC', hash: 'SHA-256' };
    const key = imported.get(secret) ?? webcrypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify']);
    imported.set(secret, key);
    return key;
  };
}

async function isSigned(token: string, key: () => Promise<CryptoKey>): Promise<boolean> {
  try {
    await compactVerify(token, await key(), { algorithms: ['HS256'] });
    return true;
  } catch {
    return false;
  }
}

type Part = Readonly<Record<string, unknown>>;

/** LiveKit puts no limit to it; a token with much metadata has some thousand characters. */
const mostCharacters = 16_384;

/** What it says, before anything of it is believed. Read more strictly than `jose` does, which lets white space pass. */
function partsOf(token: string): { readonly header: Part; readonly payload: Part } | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  const [header, payload] = token.split('.').map(jsonOf);
  return header && payload ? { header, payload } : undefined;
}

function jsonOf(part: string): Part | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(part, 'base64url'));
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : undefined;
  } catch {
    return undefined;
  }
}

const refused = (code: string, message: string, stricter?: string): TokenRefusal => ({
  fault: 'signature',
  code,
  message,
  ...(stricter === undefined ? {} : { stricter }),
});
