import type { Problem } from './problem.ts';

export const keyInvalid = {
  status: 400,
  code: 'idempotency_key_invalid',
  title: 'An Idempotency-Key has 16 to 200 printable characters without spaces',
  field: 'Idempotency-Key',
  fix: 'Send a new UUID for each thing you want made',
} as const satisfies Problem;

/** What a request that names itself may be answered instead. */
export const repeatProblems = [
  keyInvalid,
  {
    status: 409,
    code: 'request_running',
    title: 'The first request of this Idempotency-Key still runs',
    field: 'Idempotency-Key',
    fix: 'Send it again in a moment for its answer',
    retryable: true,
  },
  {
    status: 409,
    code: 'outcome_unknown',
    title: 'The first request of this Idempotency-Key was cut off: it may have been carried out',
    field: 'Idempotency-Key',
    fix: 'Look whether it was; to have it done anew, use another key',
    retryable: false,
  },
  {
    status: 422,
    code: 'idempotency_key_reused',
    title: 'This Idempotency-Key came before with another body',
    field: 'Idempotency-Key',
    fix: 'Use a new key for each thing you want made',
  },
  {
    status: 503,
    code: 'repeats_full',
    title: 'More requests that name themselves cannot be remembered now',
    fix: 'Try again later, or without Idempotency-Key',
    retryable: true,
    retryAfterSeconds: 60,
  },
] as const satisfies readonly Problem[];
