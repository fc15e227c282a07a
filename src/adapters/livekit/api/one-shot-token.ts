import { SignJWT } from 'jose';
import type { SIPGrant, VideoGrant } from 'livekit-server-sdk';
import type { ApiKey } from '../../../key-ring.ts';

/** The server forgives 60 s more: our clock may be two minutes behind, or one ahead. */
const lifeSeconds = 60;

/** A token for one request to LiveKit, with the rights of that request and no others. `identity`: who would join, where that is asked. */
export function oneShotToken(
  { apiKey, apiSecret }: ApiKey,
  rights: { readonly video?: VideoGrant; readonly sip?: SIPGrant },
  nowMs: number,
  identity?: string,
): Promise<string> {
  const now = Math.floor(nowMs / 1000);
  return new SignJWT({ ...rights, ...(identity !== undefined && { sub: identity }) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(apiKey)
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(new TextEncoder().encode(apiSecret.reveal()));
}
