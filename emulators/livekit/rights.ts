import type { IncomingMessage } from 'node:http';
import { decodeJwt, errors, jwtVerify } from 'jose';
import { TwirpError } from './twirp.ts';

/** What a token allows: the claims `video` and `sip`. */
export interface Rights {
  readonly video: Readonly<Record<string, unknown>>;
  readonly sip: Readonly<Record<string, unknown>>;
}

/** A token that the real server refuses before it looks at what is asked: plain text, HTTP 401. */
export class BadToken extends Error {
  override readonly name = 'BadToken';
}

const leewaySeconds = 60;
const none: Rights = { video: {}, sip: {} };

/**
 * The rights in the bearer token (or the query's `access_token`). No token at all is no rights. A token needs no `exp`;
 * `exp` and `nbf` have 60 s of leeway; only HS256 counts. Throws `BadToken` with LiveKit's text, the whole token in it.
 */
export async function rightsOf(request: IncomingMessage, keys: ReadonlyMap<string, string>): Promise<Rights> {
  const token = tokenOf(request);
  if (!token) return none;
  const issuer = issuerOf(token);
  const secret = keys.get(issuer);
  if (!secret) throw new BadToken(`invalid API key: ${issuer}`);
  return verify(token, secret);
}

function tokenOf({ headers, url = '/' }: IncomingMessage): string {
  const header = headers.authorization;
  if (!header) return new URL(url, 'http://front').searchParams.get('access_token') ?? '';
  if (!header.startsWith('Bearer ')) throw new BadToken('invalid authorization header. Must start with Bearer ');
  return header.slice('Bearer '.length);
}

function issuerOf(token: string): string {
  try {
    return decodeJwt(token).iss ?? '';
  } catch {
    throw new BadToken('invalid authorization token');
  }
}

async function verify(token: string, secret: string): Promise<Rights> {
  try {
    const options = { algorithms: ['HS256'], clockTolerance: leewaySeconds };
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), options);
    return { ...none, ...(payload as Partial<Rights>) };
  } catch (error) {
    throw new BadToken(`invalid token: ${token}, error: ${problemOf(error)}`, { cause: error });
  }
}

function problemOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'token has invalid claims: token is expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'nbf')
    return 'token has invalid claims: token is not valid yet';
  return 'token signature is invalid: signature is invalid';
}

/** A right as `place.name`. */
export type Right = 'sip.call' | 'video.roomRecord' | 'video.ingressAdmin';

export function need(rights: Rights, right: Right): void {
  const [place, name] = right.split('.') as ['sip' | 'video', string];
  if (rights[place][name] !== true) throw denied();
}

export function needAdminOf(rights: Rights, room: string): void {
  if (rights.video['roomAdmin'] !== true || (rights.video['room'] ?? '') !== room) throw denied();
}

const denied = () => new TwirpError('unauthenticated', 'permissions denied');
