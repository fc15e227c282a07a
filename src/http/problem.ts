import type { ControlError } from '../runtime/control-error.ts';

/** An error as RFC 9457 has it, with a code for programs, the field at fault and how to mend it. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 429 | 502 | 503 | 504;
  /** Closed set of words, stable. */
  readonly code: string;
  /** What is wrong, for a person. Never repeats a secret or a token. */
  readonly title: string;
  /** Path of the field at fault. */
  readonly field?: string;
  /** What to do about it. */
  readonly fix?: string;
  /** Whether the same request may succeed later, where that is known. */
  readonly retryable?: boolean;
  /** Not before this; of a 429 or 503. */
  readonly retryAfterSeconds?: number;
  /** LiveKit's own word, where the refusal is LiveKit's. */
  readonly livekitCode?: string;
}

/** The answer to a request that cannot be served. */
export function problem(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify({ type: 'about:blank', ...problem }), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

export const notFound = (): Response =>
  problem({ status: 404, code: 'not_found', title: 'There is nothing at this address' });

export const unavailableNow = {
  status: 503,
  code: 'unavailable',
  title: 'This cannot be served now',
  fix: 'Try again',
} as const satisfies Problem;

/** Something of ours failed: the sender may try again, and learns nothing about it. */
export const unavailable = (): Response => problem(unavailableNow, { 'retry-after': '1' });

const byControlCode = {
  invalid: { status: 400, code: 'livekit_invalid', title: 'LiveKit does not take this' },
  not_found: { status: 404, code: 'livekit_not_found', title: 'LiveKit knows no such thing' },
  refused: { status: 409, code: 'livekit_refused', title: 'What is there now does not allow this' },
  limit: { status: 429, code: 'limit_reached', title: 'A limit is reached' },
  rate: { status: 429, code: 'livekit_rate', title: 'LiveKit is asked too often' },
  unauthorized: { status: 502, code: 'livekit_unauthorized', title: 'LiveKit does not take our key' },
  forbidden: { status: 502, code: 'livekit_forbidden', title: 'Our token lacks a right at LiveKit' },
  unsupported: { status: 422, code: 'livekit_unsupported', title: 'This LiveKit cannot do this' },
  unavailable: { status: 503, code: 'livekit_unavailable', title: 'LiveKit, or its part for this, is not there' },
  timeout: { status: 504, code: 'livekit_timeout', title: 'LiveKit did not answer in time' },
  broken: { status: 502, code: 'livekit_broken', title: 'The answer was none of LiveKit’s' },
  sip: { status: 502, code: 'livekit_sip', title: 'The telephone’s side said no' },
} as const satisfies Readonly<Record<ControlError['code'], Problem>>;

/** What a route that asks LiveKit's API may have to say: declare these, throw the `ControlError`. */
export const livekitProblems = Object.values(byControlCode);

/** A refusal of LiveKit's for our caller. What may have been carried out all the same says so. */
export function problemOf({ code, failure, field, maybeDone, message }: ControlError): Problem {
  return {
    ...byControlCode[code],
    title: message,
    retryable: failure.retryable,
    ...(field === undefined ? {} : { field }),
    ...(failure.vendorCode === undefined ? {} : { livekitCode: failure.vendorCode }),
    ...(maybeDone ? { fix: 'It may have been carried out: look before you ask again' } : {}),
  };
}
