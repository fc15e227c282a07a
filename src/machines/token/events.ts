import type { ChangeTokenFact } from '../../actors/change-token.ts';
import type { MakeTokenFact } from '../../actors/make-token.ts';

/** What the instance tells a token. */
export type TokenCommand =
  /** An operator wants it to be of no more use. */
  | { readonly type: 'token.revoke'; readonly at: number }
  /** Somebody waits for each new token, or no longer. */
  | { readonly type: 'client.attached'; readonly at: number }
  | { readonly type: 'client.detached'; readonly at: number }
  /** Somebody of the token's name joined its room. */
  | { readonly type: 'participant.joined'; readonly at: number };

export type TokenEvent = MakeTokenFact | ChangeTokenFact | TokenCommand;
