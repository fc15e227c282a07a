import type { Failure } from '../failure.ts';
import type { Secret } from '../secret.ts';
import type { TokenClaims, TokenRefusal } from '../token.ts';

/** Signs tokens for LiveKit and tells which ones were signed by a key that we know. */
export interface TokenSigner {
  /** The API key that signs at this moment, for the claim `iss`. */
  readonly apiKey: string;
  /** With the key that `iss` names, which need not be the one of this moment. Never rejects. */
  sign(claims: TokenClaims): Promise<Secret | Failure>;
  /** What the signature vouches for; times and grants are for others to judge. Never rejects. */
  read(token: string): Promise<TokenClaims | TokenRefusal>;
}
