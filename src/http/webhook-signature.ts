import { createHash, timingSafeEqual } from 'node:crypto';
import { createDecoder, createVerifier, TokenError } from 'fast-jwt';
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
const leewayMs = 60_000;

/** What a believed token says about the body. */
export interface Vouched {
  readonly sha256: string;
}

/**
 * Checks LiveKit's webhook token: the bare JWT in `Authorization`, HS256 and nothing else, by the key that its `iss` names.
 * Whether it belongs to the body is `vouchesFor`'s to say. By a library that does it at once: the way of WebCrypto through another
 * thread, which `jose` takes, is more than the door can afford (016).
 */
export function verifyToken(token: string | undefined, keys: Pick<KeyRing, 'all'>, nowMs: number): Vouched | Forgery {
  if (!token) return 'token_missing';
  try {
    const { iss } = claimsOf(token) as { readonly iss?: string };
    const secret = keys.all().get(iss ?? '');
    if (secret === undefined) return iss === undefined ? 'token_malformed' : 'key_unknown';
    const { sha256 } = verifierOf(secret, nowMs)(token) as { readonly sha256: unknown };
    return typeof sha256 === 'string' ? { sha256 } : 'token_malformed';
  } catch (error) {
    return forgeries[error instanceof TokenError ? error.code : ''] ?? 'token_malformed';
  }
}

const claimsOf = createDecoder();

/** Made for each token: it has the time of its making. */
const verifierOf = (secret: Secret, nowMs: number) =>
  createVerifier({
    key: secret.reveal(),
    algorithms: ['HS256'],
    clockTimestamp: nowMs,
    clockTolerance: leewayMs,
    requiredClaims: ['exp', 'sha256'],
    cache: false,
  });

const forgeries: Readonly<Record<string, Forgery>> = {
  [TokenError.codes.expired]: 'token_expired',
  [TokenError.codes.inactive]: 'token_not_yet_valid',
  [TokenError.codes.invalidSignature]: 'signature_wrong',
  [TokenError.codes.missingSignature]: 'signature_wrong',
  [TokenError.codes.invalidAlgorithm]: 'signature_wrong',
};

/** Whether the token was made for exactly this body; takes the same time whatever the difference. */
export function vouchesFor({ sha256 }: Vouched, body: Uint8Array): boolean {
  const claimed = Buffer.from(sha256, 'base64');
  const actual = createHash('sha256').update(body).digest();
  return claimed.length === actual.length && timingSafeEqual(claimed, actual);
}
