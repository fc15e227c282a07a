import { type Failure, type FailureClass, type FailurePhase, redact } from '../failure.ts';

/** What an adapter knows about a failure before it is sorted; absent fields stay absent. */
export interface Signal {
  readonly vendor: string;
  readonly phase: FailurePhase;
  readonly message: string;
  readonly vendorCode?: string;
  readonly retryAfterMs?: number;
}

interface Verdict {
  readonly class: FailureClass;
  readonly sub?: string;
  readonly retryable: boolean;
}

const verdicts = {
  auth: { class: 'auth', retryable: false },
  region: { class: 'auth', sub: 'region', retryable: false },
  quota: { class: 'api', sub: 'quota', retryable: false },
  rate: { class: 'api', sub: 'rate', retryable: true },
  config: { class: 'api', sub: 'config', retryable: false },
  server: { class: 'api', sub: 'server', retryable: true },
  protocol: { class: 'api', sub: 'protocol', retryable: false },
  garbage: { class: 'api', sub: 'protocol', retryable: true },
  network: { class: 'network', retryable: true },
  stall: { class: 'network', sub: 'stall', retryable: true },
  starved: { class: 'network', sub: 'starved', retryable: true },
} as const satisfies Record<string, Verdict>;

/** Names of the outcomes a failure can be sorted into. */
export type Sort = keyof typeof verdicts;

/** Vendors' own words that say more than a status does; compared in lower case. */
const byVendorCode: readonly (readonly [RegExp, Sort])[] = [
  [/unsupported_country|region/, 'region'],
  [/invalid_auth|insufficient_permissions|invalid_api_key|invalid_credentials/, 'auth'],
  [/insufficient_quota|credit|payment_required|quota_exceeded/, 'quota'],
  [/too_many_requests|rate_limit|concurrency_limited|capacity/, 'rate'],
  [/model_not_found|model_decommissioned|voice_not_found|bad_request|invalid_query/, 'config'],
  [/overloaded|slow_down|internal_server_error|server_error/, 'server'],
  [/unparsable_client_message|data-?0000/, 'protocol'],
];

const fromVendorCode = (code = ''): Sort | undefined =>
  byVendorCode.find(([pattern]) => pattern.test(code.toLowerCase()))?.[1];

function fromStatus(status: number): Sort {
  if (status === 401 || status === 403) return 'auth';
  if (status === 402) return 'quota';
  if (status === 429 || status === 498) return 'rate';
  if (status === 408) return 'network';
  return status >= 500 ? 'server' : 'config';
}

function fromWsCode(code: number, reason: string): Sort {
  if (/net-?0001|did not receive audio data or a text message/i.test(reason)) return 'starved';
  if (code === 1011) return 'server';
  if (code === 1002 || code === 1003 || code === 1007 || code === 1008 || code === 1009) return 'protocol';
  return 'network';
}

/** Completes a signal with the given sort; the message is redacted. */
export function failureOf(sort: Sort, signal: Signal, facts: Partial<Failure> = {}): Failure {
  const { vendor, phase, message, ...rest } = signal;
  return { vendor, phase, ...verdicts[sort], message: redact(message), ...rest, ...facts };
}

/** A refusal by status: 401 of a request, 429 of a handshake. A known vendor's word outweighs the status. */
export function classifyHttp(signal: Signal & { readonly httpStatus: number }): Failure {
  return failureOf(fromVendorCode(signal.vendorCode) ?? fromStatus(signal.httpStatus), signal);
}

/** An error that the vendor sent as a message inside a stream; unknown words mean a fault of the vendor's. */
export function classifyVendorCode(signal: Signal): Failure {
  return failureOf(fromVendorCode(signal.vendorCode) ?? 'server', signal);
}

function fromErrno(errno: string | undefined, message: string): Sort {
  if (errno === 'ERR_INVALID_CHAR' || /invalid character in header/i.test(message)) return 'auth';
  if (errno === 'ERR_INVALID_URL') return 'config';
  return errno?.startsWith('WS_ERR') ? 'garbage' : 'network';
}

/**
 * No answer at all: refused, reset, unknown host, TLS. A header the client itself refuses means an unusable key; frames that
 * are none (`WS_ERR_…` of the `ws` package) are the vendor's.
 */
export function classifyErrno(signal: Signal & { readonly errno?: string | undefined }): Failure {
  const { errno, ...rest } = signal;
  return failureOf(fromErrno(errno, signal.message), rest, errno === undefined ? {} : { errno });
}

/** The other side closed a WebSocket that we did not ask to be closed. */
export function classifyWsClose(signal: Signal & { readonly wsCode: number }): Failure {
  return failureOf(fromWsCode(signal.wsCode, signal.message), signal);
}

/** `.code` of an error or of one of its causes (undici hides it two levels down). */
export function errnoOf(error: unknown, depth = 4): string | undefined {
  if (depth === 0 || typeof error !== 'object' || error === null) return undefined;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === 'string' ? code : errnoOf(cause, depth - 1);
}

/** `retry-after-ms` or `retry-after` in seconds; an HTTP date is not read. Beyond an hour is taken for nonsense. */
export function retryAfterMs(read: (header: string) => string | null | undefined): number | undefined {
  const ms = Number(read('retry-after-ms') ?? Number.NaN);
  const wait = Number.isFinite(ms) ? ms : Number(read('retry-after') ?? Number.NaN) * 1000;
  return Number.isFinite(wait) && wait >= 0 && wait <= 3_600_000 ? wait : undefined;
}
