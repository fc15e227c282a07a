import { APIConnectionTimeoutError, APIError } from 'openai';
import type { Failure, FailurePhase } from '../../failure.ts';
import { classifyErrno, classifyHttp, classifyVendorCode, errnoOf, failureOf, retryAfterMs } from '../classify.ts';

/** How fetch complains of a header; it quotes the value, or the part that it did not like. */
const unsendable = /invalid header value|ByteString/;

/** Translates whatever the SDK, its fetch or its stream threw. `scrub` removes the key, which fetch may quote. */
export function failureFrom(
  vendor: string,
  phase: FailurePhase,
  error: unknown,
  scrub: (message: string) => string,
): Failure {
  const message = scrub(messageOf(error));
  if (error instanceof APIError && typeof error.status === 'number') return refused(vendor, error, message);
  if (error instanceof APIConnectionTimeoutError) return failureOf('network', { vendor, phase: 'connect', message });
  // An error event inside the stream has a body and no status.
  if (error instanceof APIError && error.error !== undefined)
    return classifyVendorCode({ vendor, phase: 'stream', message, ...codeOf(error) });
  if (unsendable.test(message))
    return failureOf('auth', { vendor, phase, message: 'the key has characters that no header can carry' });
  if (error instanceof SyntaxError) return failureOf('garbage', { vendor, phase, message });
  return classifyErrno({ vendor, phase: phase === 'rest' ? 'connect' : phase, message, errno: errnoOf(error) });
}

/** The answer ended in good order, but the model had not finished: it was cut, or never was a stream (a proxy's page). */
export function truncated(vendor: string, contentType: string | null): Failure {
  const phase = 'stream';
  if (contentType?.startsWith('text/event-stream'))
    return failureOf('stall', { vendor, phase, message: 'the stream ended without a finish reason' });
  const came = contentType ?? 'something without a type';
  return failureOf('garbage', { vendor, phase, message: `the answer was no event stream, but ${came}` });
}

/** The vendor's filter withheld the rest of the answer; the same request would meet it again. */
export const filtered = (vendor: string): Failure =>
  failureOf('config', {
    vendor,
    phase: 'stream',
    message: 'the answer was withheld by the content filter',
    vendorCode: 'content_filter',
  });

function refused(vendor: string, error: APIError, message: string): Failure {
  const retryAfter = retryAfterMs((header) => error.headers?.get(header));
  return classifyHttp({
    vendor,
    phase: 'rest',
    message,
    httpStatus: error.status as number,
    ...codeOf(error),
    ...(retryAfter !== undefined && { retryAfterMs: retryAfter }),
  });
}

const codeOf = ({ code, type }: APIError) => {
  const vendorCode = code ?? type;
  return typeof vendorCode === 'string' && vendorCode ? { vendorCode } : {};
};

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message} ${cause.message}` : error.message;
}
