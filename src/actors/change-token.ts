import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { Participants } from './participants.ts';
import type { TokenHolder, Withdrawal } from './token-holder.ts';

type Nothing = { type: 'none' };

type Withdrawn = { readonly type: 'token.withdrawn' };
type Delivered = { readonly type: 'token.delivered' };
type Removed =
  | { readonly type: 'participant.removed' }
  | { readonly type: 'participant.remove_failed'; readonly failure: Failure };

export type ChangeTokenFact = Stamped<Withdrawn | Delivered | Removed>;

/** Has our own API refuse what is of no more use. Reports once all instances do; where they cannot be told, nothing. */
export const withdrawToken = (holder: TokenHolder, clock: Clock) =>
  leaf<Withdrawn, Nothing, { readonly why: Withdrawal }>(clock, ({ input, report }) => {
    holder.withdraw(input.why).then(
      () => report({ type: 'token.withdrawn' }),
      () => undefined,
    );
  });

/** Hands the newest token to whoever follows the credential; reports once one has taken it. */
export const deliverToken = (holder: TokenHolder, clock: Clock) =>
  leaf<Delivered, Nothing, undefined>(clock, ({ signal, report }) => {
    holder.deliver({ signal }).then(
      () => report({ type: 'token.delivered' }),
      () => undefined,
    );
  });

/** Puts the token's owner out of its room. Reports once. */
export const removeParticipant = (participants: Participants, clock: Clock) =>
  leaf<Removed, Nothing, { readonly room: string; readonly identity: string }>(clock, ({ input, report }) => {
    void participants
      .remove(input)
      .then((failure) =>
        report(failure ? { type: 'participant.remove_failed', failure } : { type: 'participant.removed' }),
      );
  });
