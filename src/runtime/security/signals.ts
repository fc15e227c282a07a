/** By what a source is known. Identities are counted and never blocked: whoever may speak for them is barred by name. */
export type SourceKind = 'ip' | 'number' | 'prefix' | 'identity';

export interface Source {
  readonly kind: SourceKind;
  readonly value: string;
}

interface Rule {
  /** In the log, after `security.`: words of OWASP's Logging Vocabulary, or in its style where it has none. */
  readonly code: string;
  /** So many within the window are told, and blocked. */
  readonly most: number;
  readonly withinMs: number;
  /** Left out: it is told, and nothing is blocked. */
  readonly blockMs?: number;
  readonly says: string;
}

const minuteMs = 60_000;

/** What is suspicious, and from when on. */
export const signals = {
  forged_webhook: {
    code: 'authn_webhook_fail',
    most: 20,
    withinMs: minuteMs,
    blockMs: 10 * minuteMs,
    says: 'webhooks that LiveKit did not sign',
  },
  bad_key: {
    code: 'authn_login_fail',
    most: 10,
    withinMs: minuteMs,
    blockMs: 15 * minuteMs,
    says: 'keys that are none, or were revoked',
  },
  token_reuse: {
    code: 'authn_token_reuse',
    most: 1,
    withinMs: 10 * minuteMs,
    says: 'use of a token after it was revoked',
  },
  aborted_join: {
    code: 'sequence_fail_join',
    most: 5,
    withinMs: minuteMs,
    blockMs: 10 * minuteMs,
    says: 'joins that were broken off before there was sound',
  },
  call_burst: {
    code: 'excess_rate_limit_exceeded',
    most: 10,
    withinMs: minuteMs,
    blockMs: 10 * minuteMs,
    says: 'calls',
  },
  premium_call: {
    code: 'fraud_premium_called',
    most: 5,
    withinMs: 10 * minuteMs,
    blockMs: 60 * minuteMs,
    says: 'calls out to premium numbers',
  },
  premium_caller: {
    code: 'fraud_premium_caller',
    most: 5,
    withinMs: 10 * minuteMs,
    says: 'calls from premium numbers, which want to be called back',
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type Signal = keyof typeof signals;

export const ruleOf = (signal: Signal): Rule => signals[signal];
