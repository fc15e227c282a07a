import { ControlError, type ControlCode } from '../../../runtime/control-error.ts';
import { errnoOf, failureOf, type Sort } from '../../classify.ts';
import type { Sign } from './breaker.ts';
import { isPassedOn, isRepeatable, nameOf, type Rpc } from './rpc.ts';

/** An HTTP answer that is no success. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs?: number;
}

/** The error body of Twirp. */
interface Twirp {
  readonly code: string;
  readonly msg: string;
  readonly meta: Readonly<Record<string, unknown>>;
}

const vendor = 'livekit';
/** Characters of an answer that are looked at; far more than are shown, so that no token is cut in two before it is taken out. */
const mostSaid = 20_000;

const sortOf: Readonly<Record<ControlCode, Sort>> = {
  invalid: 'config',
  not_found: 'config',
  refused: 'config',
  limit: 'quota',
  rate: 'rate',
  unauthorized: 'auth',
  forbidden: 'auth',
  unsupported: 'config',
  unavailable: 'server',
  timeout: 'stall',
  broken: 'garbage',
  sip: 'config',
};

const byTwirpCode: Readonly<Record<string, ControlCode>> = {
  not_found: 'not_found',
  bad_route: 'unsupported',
  unimplemented: 'unsupported',
  invalid_argument: 'invalid',
  malformed: 'invalid',
  out_of_range: 'invalid',
  failed_precondition: 'refused',
  already_exists: 'refused',
  aborted: 'refused',
  canceled: 'refused',
  resource_exhausted: 'rate',
  deadline_exceeded: 'timeout',
  permission_denied: 'forbidden',
};

/** Codes of a request that LiveKit looked at and did not begin. */
const notBegun: readonly ControlCode[] = [
  'invalid',
  'not_found',
  'refused',
  'rate',
  'unauthorized',
  'forbidden',
  'unsupported',
];

/** What LiveKit, or what stands before it, answered instead of a result. */
export function refusalError(rpc: Rpc, refusal: Refusal): ControlError {
  const twirp = twirpOf(refusal.body);
  const code = codeOf(refusal.status, twirp);
  const said = twirp?.msg || refusal.body.trim() || `HTTP ${refusal.status}`;
  const sip = code === 'sip' ? { class: 'sip' as const, vendorCode: String(twirp?.meta['sip_status_code']) } : {};
  return errorOf(rpc, code, said, {
    maybeDone: !notBegun.includes(code),
    httpStatus: refusal.status,
    ...(twirp && { vendorCode: twirp.code }),
    ...(refusal.retryAfterMs !== undefined && { retryAfterMs: refusal.retryAfterMs }),
    ...sip,
  });
}

/** Of what was thrown while it was sent or read; `late` when we gave up waiting. */
export function transportError(rpc: Rpc, error: unknown, late: boolean): ControlError {
  if (late) return errorOf(rpc, 'timeout', 'no answer in time', { maybeDone: true });
  const errno = errnoOf(error);
  if (errno === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return errorOf(rpc, 'broken', 'the answer is larger than any of LiveKit’s', { maybeDone: true });
  const said = error instanceof Error ? error.message : String(error);
  return errorOf(rpc, 'unavailable', said, {
    maybeDone: !neverLeft.test(errno ?? ''),
    class: 'network',
    ...(errno !== undefined && { errno }),
  });
}

/** No connection came about, so nothing was sent. */
const neverLeft =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|UND_ERR_CLOSED|UND_ERR_DESTROYED)$/;

/** What the SDK throws of its own: an answer of another shape, or input that it does not send. */
export function sdkError(method: string, error: unknown): ControlError {
  if (error instanceof ControlError) return error;
  const rpc = { service: 'LiveKit', method: method.replace(/^./, (letter) => letter.toUpperCase()) };
  const said = error instanceof Error ? error.message : String(error);
  return said.startsWith('cannot decode') ? unreadable(rpc) : errorOf(rpc, 'invalid', said, { maybeDone: false });
}

/** A success whose body cannot be read. The body is not repeated: whatever it is, it was not meant for us. */
export const unreadable = (rpc: Rpc): ControlError =>
  errorOf(rpc, 'broken', 'the answer cannot be read as LiveKit’s', { maybeDone: true });

/** Not sent, for reasons of our own. */
export const notSent = (rpc: Rpc, code: 'rate' | 'unavailable', said: string, retryAfterMs: number): ControlError =>
  errorOf(rpc, code, said, { maybeDone: false, retryAfterMs });

interface Facts {
  readonly maybeDone: boolean;
  readonly class?: 'sip' | 'network';
  readonly httpStatus?: number;
  readonly vendorCode?: string;
  readonly retryAfterMs?: number;
  readonly errno?: string;
}

function errorOf(rpc: Rpc, code: ControlCode, said: string, { maybeDone, ...facts }: Facts): ControlError {
  const message = `${nameOf(rpc)}: ${said.slice(0, mostSaid).replace(/\s+/g, ' ')}`;
  const failure = failureOf(sortOf[code], { vendor, phase: 'rest', message }, facts);
  // What may have been done and cannot be undone is never sent again.
  const retryable = failure.retryable && (!maybeDone || isRepeatable(rpc));
  return new ControlError(code, { ...failure, retryable }, { maybeDone });
}

function codeOf(status: number, twirp: Twirp | undefined): ControlCode {
  if (twirp?.meta['sip_status_code'] !== undefined) return 'sip';
  if (status === 401 || status === 403)
    return /permission/i.test(`${twirp?.code} ${twirp?.msg}`) ? 'forbidden' : 'unauthorized';
  if (/redis required|not connected/i.test(twirp?.msg ?? '')) return 'unsupported';
  return byTwirpCode[twirp?.code ?? ''] ?? byStatus(status);
}

function byStatus(status: number): ControlCode {
  if (status === 429) return 'rate';
  if (status === 408) return 'timeout';
  if (status === 400 || status === 413) return 'invalid';
  return status >= 500 ? 'unavailable' : 'unsupported';
}

function twirpOf(body: string): Twirp | undefined {
  try {
    const { code, msg, meta } = JSON.parse(body) as Partial<Twirp>;
    return typeof code === 'string' ? { code, msg: typeof msg === 'string' ? msg : '', meta: meta ?? {} } : undefined;
  } catch {
    return undefined;
  }
}

/** What a failed request says about the server. */
export function signOf(rpc: Rpc, { code, failure }: ControlError): Sign {
  // Twirp's own words come from a LiveKit that is up; what is missing stands behind it.
  if (code === 'unavailable' && failure.vendorCode === 'unavailable') return 'alive';
  if (code === 'timeout' && isPassedOn(rpc)) return 'unknown';
  return code === 'unavailable' || code === 'timeout' || code === 'broken' ? 'outage' : 'alive';
}
