import type { Failure } from '../failure.ts';
import type { Secret } from '../secret.ts';
import type { TokenClaims } from '../token.ts';

/** Why our own API takes a token no longer. LiveKit knows no such thing: to it a token is valid until its end. */
export type Withdrawal = 'superseded' | 'revoked';

/** Keeps the text of one credential's tokens, so that no machine has to. */
export interface TokenHolder {
  /** The newest token: what is held from now on. Resolves with why it must not be used, if so. Never rejects. */
  hold(claims: TokenClaims, token: Secret): Promise<Failure | undefined>;
  held(): Secret | undefined;
  /**
   * From now on this instance refuses every token but the newest (`superseded`), or all of them (`revoked`). Resolves when the
   * others do; rejects when they could not be told.
   */
  withdraw(why: Withdrawal): Promise<void>;
  /** Resolves when a client has taken the newest token; rejects only when `signal` aborts. */
  deliver(options: { readonly signal: AbortSignal }): Promise<void>;
}
