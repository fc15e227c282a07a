import { type Failure, redact } from '../failure.ts';

/**
 * Why LiveKit's API did not do what it was asked. `invalid`, `limit`: we refused it before LiveKit saw it, or LiveKit called it
 * invalid · `forbidden`: the token lacks a right · `unauthorized`: the key or token itself was refused · `refused`: what is there
 * now does not allow it · `unsupported`: this server cannot · `broken`: the answer was no answer of LiveKit's · `sip`: the
 * telephone's side said no.
 */
export type ControlCode =
  | 'invalid'
  | 'not_found'
  | 'refused'
  | 'limit'
  | 'rate'
  | 'unauthorized'
  | 'forbidden'
  | 'unsupported'
  | 'unavailable'
  | 'timeout'
  | 'broken'
  | 'sip';

/**
 * A request to LiveKit's API that failed. `failure.vendorCode` is LiveKit's own word where it said one; `failure.retryable` says
 * whether the same request may be sent once more and could succeed. The message is for a person and holds no secret.
 */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlCode;
  readonly failure: Failure;
  /** It may have been carried out although it failed: no answer came, or one from half-way. */
  readonly maybeDone: boolean;
  /** Path of the field at fault, where it is known. */
  readonly field?: string;

  constructor(
    code: ControlCode,
    failure: Failure,
    more: { readonly maybeDone?: boolean; readonly field?: string } = {},
  ) {
    super(failure.message);
    this.code = code;
    this.failure = failure;
    this.maybeDone = more.maybeDone ?? false;
    if (more.field !== undefined) this.field = more.field;
  }
}

/** A request that we did not pass on to LiveKit. `limit`: later it may succeed. */
export function notPassedOn(code: 'invalid' | 'limit' | 'refused', message: string, field?: string): ControlError {
  const sub = code === 'limit' ? 'quota' : 'config';
  const failure: Failure = {
    vendor: 'livekit',
    phase: 'rest',
    class: 'api',
    sub,
    retryable: code === 'limit',
    message: redact(message),
  };
  return new ControlError(code, failure, field === undefined ? {} : { field });
}
