import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { Secret } from '../secret.ts';
import type { TokenClaims, TokenRefusal } from '../token.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { TokenHolder } from './token-holder.ts';
import type { TokenSigner } from './token-signer.ts';

type Nothing = { type: 'none' };

type Drawn = { readonly type: 'token.drawn'; readonly jti: string; readonly apiKey: string };
type Signed = { readonly type: 'token.signed' } | { readonly type: 'token.failed'; readonly failure: Failure };
type Read =
  | { readonly type: 'token.read'; readonly claims: TokenClaims }
  | { readonly type: 'token.unreadable'; readonly refusal: TokenRefusal };

export type MakeTokenFact = Stamped<Drawn | Signed | Read>;

/** Draws what a new token is told from all others by, and names the key that will sign it. */
export const drawToken = (signer: TokenSigner, newId: () => string, clock: Clock) =>
  leaf<Drawn, Nothing, undefined>(clock, ({ report }) => {
    report({ type: 'token.drawn', jti: newId(), apiKey: signer.apiKey });
  });

/** Signs a token, which then is held. Reports once. */
export const signToken = (signer: TokenSigner, holder: TokenHolder, clock: Clock) =>
  leaf<Signed, Nothing, { readonly claims: TokenClaims }>(clock, ({ input, signal, report }) => {
    async function sign(): Promise<void> {
      const signed = await signer.sign(input.claims);
      if (signal.aborted) return;
      const failure = signed instanceof Secret ? await holder.hold(input.claims, signed) : signed;
      report(failure ? { type: 'token.failed', failure } : { type: 'token.signed' });
    }
    void sign();
  });

/** Reads the token that is held as anybody else would. Reports once. */
export const readToken = (signer: TokenSigner, holder: TokenHolder, clock: Clock) =>
  leaf<Read, Nothing, undefined>(clock, ({ report }) => {
    void signer
      .read(holder.held()?.reveal() ?? '')
      .then((read) =>
        report('fault' in read ? { type: 'token.unreadable', refusal: read } : { type: 'token.read', claims: read }),
      );
  });
