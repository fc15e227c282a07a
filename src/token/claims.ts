import { type Given, type PresetName, presets } from './presets.ts';

/** What may be published, as LiveKit's tokens name it. */
export type TokenSource = 'camera' | 'microphone' | 'screen_share' | 'screen_share_audio';

/** The right to do things in LiveKit, as it stands in a token. `room` is the one room that `roomJoin` and `roomAdmin` are for. */
export interface VideoGrant {
  readonly roomCreate?: boolean;
  readonly roomList?: boolean;
  readonly roomJoin?: boolean;
  readonly roomAdmin?: boolean;
  readonly roomRecord?: boolean;
  readonly ingressAdmin?: boolean;
  readonly room?: string;
  readonly canPublish?: boolean;
  /** None and an empty list both mean every source. */
  readonly canPublishSources?: readonly TokenSource[];
  readonly canSubscribe?: boolean;
  readonly canPublishData?: boolean;
  readonly canUpdateOwnMetadata?: boolean;
  readonly hidden?: boolean;
  readonly recorder?: boolean;
}

/** SIP has a claim of its own; `ingressAdmin` opens nothing of it. */
export interface SipGrant {
  readonly admin?: boolean;
  readonly call?: boolean;
}

/** What a token says. Times are seconds since 1970. */
export interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
  readonly video: VideoGrant;
  readonly sip?: SipGrant;
  readonly kind?: string;
  readonly name?: string;
  readonly metadata?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Whom a token is for and what it allows. */
export interface TokenRequest {
  readonly preset: PresetName;
  /** The participant's identity, `sub`. */
  readonly identity: string;
  readonly room: string;
  readonly name?: string;
  readonly metadata?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** At most `longestLifeSeconds`, which is also the default. */
  readonly lifeSeconds?: number;
}

/** A connection outlives its token, so none has to be valid for long. */
export const longestLifeSeconds = 600;
/** LiveKit accepts a token for so long after its end and before its beginning; so do we. */
export const leewaySeconds = 60;

export const issuerOf = (apiKey: string) => ({ iss: apiKey });

export const subjectOf = ({ identity }: TokenRequest) => ({ sub: identity });

/** When it was made, from when and until when it is valid; `jti` tells it from every other one. */
export function expirationOf({ lifeSeconds = longestLifeSeconds }: TokenRequest, made: Making) {
  const iat = Math.floor(made.atMs / 1000);
  return { iat, nbf: iat, exp: iat + Math.min(lifeSeconds, longestLifeSeconds), jti: made.jti };
}

export function grantsOf({ preset, room, name, metadata, attributes }: TokenRequest) {
  const given: Given = presets[preset](room);
  const shown = { ...attributes, ...given.attributes };
  return {
    ...given,
    ...(name === undefined ? {} : { name }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(Object.keys(shown).length === 0 ? {} : { attributes: shown }),
  };
}

/** What is drawn for each token anew. */
interface Making {
  readonly jti: string;
  readonly atMs: number;
}

/** All claims of a token. */
export const claimsOf = (request: TokenRequest, apiKey: string, made: Making): TokenClaims => ({
  ...issuerOf(apiKey),
  ...subjectOf(request),
  ...expirationOf(request, made),
  ...grantsOf(request),
});

/** The same rights for another while. */
export const renewed = (claims: TokenClaims, request: TokenRequest, made: Making): TokenClaims => ({
  ...claims,
  ...expirationOf(request, made),
});
