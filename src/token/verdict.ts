import { z } from 'zod';
import { leewaySeconds, longestLifeSeconds, type TokenClaims } from './claims.ts';
import { type Demand, lacking } from './rights.ts';

/**
 * Why a token is refused: which check failed, a word for programs, and one line for people. Where LiveKit itself would accept it,
 * `stricter` says why we do not.
 */
export interface TokenRefusal {
  readonly fault: 'signature' | 'expiration' | 'grants' | 'withdrawn';
  readonly code: string;
  readonly message: string;
  readonly stricter?: string;
}

const flag = z.boolean().optional();
const text = z.string();
/** LiveKit counts bytes. */
const name = text.refine((value) => new TextEncoder().encode(value).length <= 256, 'has more than 256 bytes');
const seconds = z.number().min(0).max(1e11);

const video = z.object({
  roomCreate: flag,
  roomList: flag,
  roomJoin: flag,
  roomAdmin: flag,
  roomRecord: flag,
  ingressAdmin: flag,
  room: name.optional(),
  canPublish: flag,
  canPublishSources: z.array(z.enum(['camera', 'microphone', 'screen_share', 'screen_share_audio'])).optional(),
  canSubscribe: flag,
  canPublishData: flag,
  canUpdateOwnMetadata: flag,
  hidden: flag,
  recorder: flag,
});

const claims = z.object({
  iss: text.min(1),
  sub: name.min(1),
  iat: seconds,
  nbf: seconds,
  exp: seconds,
  jti: text.min(1),
  video,
  sip: z.object({ admin: flag, call: flag }).optional(),
  kind: text.optional(),
  name: text.optional(),
  metadata: text.optional(),
  attributes: z.record(text, text).optional(),
});

const fold = (key: string): string => key.toUpperCase().toLowerCase();

const spellings = new Map(
  [...Object.keys(claims.shape), ...Object.keys(video.shape), 'admin', 'call'].map((key) => [fold(key), key]),
);

/** Claims of ours that LiveKit reads and a token of ours never bears; what stands in them is not looked at. */
const foreign = new Set(
  ['aud', 'identity', 'kindDetails', 'agent', 'inference', 'observability', 'roomConfig', 'roomPreset', 'sha256'].map(
    fold,
  ),
);

const odd = (key: string): boolean => (spellings.get(fold(key)) ?? key) !== key;

/** What is wrong with the names in a payload: LiveKit reads them without regard to case, so a second spelling would overrule the first. */
function oddKey(payload: object): string | undefined {
  const inner = ['video', 'sip'].flatMap((key) => Object.keys((payload as Record<string, object>)[key] ?? {}));
  return Object.keys(payload).find((key) => foreign.has(fold(key)) || odd(key)) ?? inner.find(odd);
}

/** The claims of a payload whose signature was found right, or why they are none of ours. */
export function readClaims(payload: unknown): TokenClaims | TokenRefusal {
  const parsed = claims.safeParse(payload);
  const issue = parsed.error?.issues[0];
  if (issue) return malformed(issue.path.join('.') || 'payload', issue.message);
  const key = oddKey(payload as object);
  if (key !== undefined) return malformed(key.slice(0, 40), 'is no claim of ours');
  return parsed.data as TokenClaims;
}

const malformed = (claim: string, what: string): TokenRefusal => ({
  fault: 'signature',
  code: 'claim_wrong',
  message: `${claim}: ${what}`,
  stricter:
    'our tokens bear iss, sub, iat, nbf, exp, jti and video, each of its type and spelt so, and no claim but their own',
});

/** Whether a token is valid at this moment, with LiveKit's leeway. */
export function judgeTimes({ iat, nbf, exp }: TokenClaims, nowMs: number): TokenRefusal | undefined {
  const now = nowMs / 1000;
  if (now >= Math.floor(exp) + leewaySeconds) return untimely('expired', 'The token has ended');
  if (now < nbf - leewaySeconds) return untimely('not_yet_valid', 'The token is not valid yet');
  if (now < iat - leewaySeconds)
    return untimely(
      'made_in_future',
      'The token says that it was made in the future',
      'whoever made it has no right clock',
    );
  if (exp - iat > longestLifeSeconds)
    return untimely('lives_too_long', `The token lives longer than ${longestLifeSeconds} s`, 'none of ours does');
  return undefined;
}

const untimely = (code: string, message: string, stricter?: string): TokenRefusal => ({
  fault: 'expiration',
  code,
  message,
  ...(stricter === undefined ? {} : { stricter }),
});

/** Whether a token allows what is demanded of it. */
export function judgeGrants(claims: TokenClaims, demand: Demand): TokenRefusal | undefined {
  const missing = lacking(claims, demand);
  if (missing.length === 0) return undefined;
  return { fault: 'grants', code: 'insufficient', message: `The token does not allow: ${missing.join(', ')}` };
}
