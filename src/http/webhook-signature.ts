import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeJwt, errors, jwtVerify } from 'jose';
import type { KeyRing } from '../key-ring.ts';

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
 * Whether it belongs to the body is `vouchesFor`'s to say.
 */
export async function verifyToken(
  token: string | undefined,
  keys: Pick<KeyRing, 'all'>,
  nowMs: number,
): Promise<Vouched | Forgery> {
  if (!token) return 'token_missing';
  const secret = keys.all().get(issuerOf(token) ?? '');
  if (secret === undefined) return issuerOf(token) === undefined ? 'token_malformed' : 'key_unknown';
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret.reveal()), {
      algorithms: ['HS256'],
      clockTolerance: leewaySeconds,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', 'sha256'],
    });
    return typeof payload['sha256'] === 'string' ? { sha256: payload['sha256'] } : 'token_malformed';
  } catch (error) {
    return forgeryOf(error);
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function forgeryOf(error: unknown): Forgery {
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf') return 'token_not_yet_valid';
  const wrong = error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JOSEAlgNotAllowed;
  return wrong ? 'signature_wrong' : 'token_malformed';
}

/** Whether the token was made for exactly this body; takes the same time whatever the difference. */
export function vouchesFor({ sha256 }: Vouched, body: Uint8Array): boolean {
  const claimed = Buffer.from(sha256, 'base64');
  const actual = createHash('sha256').update(body).digest();
  return claimed.length === actual.length && timingSafeEqual(claimed, actual);
}
