import type { EndReason, SipEnd } from './types.ts';

/** How a gateway turns a call away before it comes into any room. */
export interface Refusal {
  /** It sends one `180 Ringing` first. */
  readonly rings: boolean;
  /** Its final answer. Without one it says nothing more, ever, not even to a CANCEL. */
  readonly answer?: { readonly sip: 400 | 401 | 407 | 503; readonly afterMs: number };
}

/** The cases of livekit-sip. */
export const refusals = {
  /** A number of no trunk, a caller or address that is not allowed, no rule. */
  unknown_number: { rings: true },
  /** The trunk wants a digest and none was given. */
  no_credentials: { rings: false, answer: { sip: 407, afterMs: 5 } },
  wrong_credentials: { rings: false, answer: { sip: 401, afterMs: 5 } },
  /** The trunk wants SRTP, the offer is plain. */
  srtp_required: { rings: true, answer: { sip: 400, afterMs: 5 } },
  /** The gateway has lost its Redis. */
  no_redis: { rings: false, answer: { sip: 503, afterMs: 1000 } },
} as const satisfies Record<string, Refusal>;

export type RefusalCase = keyof typeof refusals;

/** Throws an `Error` that names the cases for one there is not. */
export function refusalOf(name: string | undefined): Refusal | undefined {
  if (name === undefined || Object.hasOwn(refusals, name)) return refusals[name as RefusalCase];
  throw new Error(`refuse: got ${JSON.stringify(name)}, allowed are ${Object.keys(refusals).join(', ')}`);
}

/** What the caller's telephone is told at the end. */
export function sipEndOf(reason: EndReason, answered: boolean, refusal: Refusal | undefined): SipEnd {
  if (answered) return 'BYE';
  if (refusal && !refusal.answer) return 'nothing';
  if (refusal?.answer && reason === 'refused') return refusal.answer.sip;
  return reason === 'cancelled' ? 487 : 486;
}
