import type { Demand, TokenClaims, TokenRefusal, TokenRequest } from '../../token.ts';

export interface TokenInput {
  readonly request: TokenRequest;
  /** What the token must allow, or it is invalid. */
  readonly demand: Demand;
}

/** What a token's machine knows. Neither the token's text nor a secret is in it. */
export interface TokenContext extends TokenInput {
  /** Drawn for the token that is being made. */
  readonly jti: string;
  readonly apiKey: string;
  readonly atMs: number;
  /** Of the newest token, one after the other while it is made. */
  readonly claims: Partial<TokenClaims>;
  /** When a new token is due, of the one in use. */
  readonly refreshAtMs: number;
  /** Clients that wait for each new token. */
  readonly followers: number;
  /** Why the token is invalid. */
  readonly refusal?: TokenRefusal;
  /** Attempts in a row to put its owner out of the room. */
  readonly removals: number;
}

export const freshToken = ({ request, demand }: TokenInput): TokenContext => ({
  request,
  demand,
  jti: '',
  apiKey: '',
  atMs: 0,
  claims: {},
  refreshAtMs: 0,
  followers: 0,
  removals: 0,
});
