import type { EgressFact } from '../../actors/egress.ts';

/** What the instance tells an egress. */
export type EgressCommand =
  | { readonly type: 'egress.stop'; readonly at: number }
  /** It was loaded from the store; first event after that. */
  | { readonly type: 'egress.restored'; readonly at: number };

/** Raised by the watch for the life. */
export type EgressRaised = { readonly type: 'egress.gone' };

export type EgressEvent = EgressFact | EgressCommand | EgressRaised;
