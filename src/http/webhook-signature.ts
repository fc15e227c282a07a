import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import type { KeyRing } from '../key-ring.ts';
import type { Secret } from '../secret.ts';

/** Why a webhook is not believed. */
export type Forgery =
  | 'token_missing'
  | 'token_malformed'
  | 'key_unknown'
  | 'signature_wrong'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'body_changed';

/** LiveKit's and our clock may differ by this much. */
const leewaySeconds = 60;

/** What a believed token says about the body. */
export interface Vouched {
  readonly sha256: string;
}

/**
 * Checks LiveKit's webhook token: the bare JWT in `Authorization`, HS256 and nothing else, by the key that its `iss` names.
 * Whether it belongs to the body is `vouchesFor`'s to say. At once and not by WebCrypto, whose way through another thread takes
 * ten times as long as the signature.
 */
export function verifyToken(token: string | undefined, keys: Pick<KeyRing, 'all'>, nowMs: number): Vouched | Forgery {
  if (!token) return 'token_missing';
  const read = readToken(token);
  if (read?.claims.iss === undefined) return 'token_malformed';
  const secret = keys.all().get(read.claims.iss);
  if (secret === undefined) return 'key_unknown';
  if (!read.isHs256 || !isSignedWith(secret, token)) return 'signature_wrong';
  return vouchedBy(read.claims, nowMs / 1000);
}

function readToken(token: string) {
  try {
    const { alg, crit } = decodeProtectedHeader(token);
    return { claims: decodeJwt(token), isHs256: alg === 'HS256' && crit === undefined };
  } catch {
    return undefined;
  }
}

function isSignedWith(secret: Secret, token: string): boolean {
  const signed = token.lastIndexOf('.');
  const right = createHmac('sha256', secret.reveal()).update(token.slice(0, signed)).digest('base64url');
  return isSame(Buffer.from(right), Buffer.from(token.slice(signed + 1)));
}

function vouchedBy({ exp, nbf, sha256 }: Readonly<Record<string, unknown>>, now: number): Vouched | Forgery {
  if (typeof exp !== 'number' || typeof sha256 !== 'string') return 'token_malformed';
  if (nbf !== undefined && typeof nbf !== 'number') return 'token_malformed';
  if (nbf !== undefined && nbf > now + leewaySeconds) return 'token_not_yet_valid';
  return exp <= now - leewaySeconds ? 'token_expired' : { sha256 };
}

/** Whether the token was made for exactly this body; takes the same time whatever the difference. */
export function vouchesFor({ sha256 }: Vouched, body: Uint8Array): boolean {
  const claimed = Buffer.from(sha256, 'base64');
  return isSame(claimed, createHash('sha256').update(body).digest());
}

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other);
