import { z } from 'zod';
import type { Failure, FailurePhase } from '../../failure.ts';
import {
  classifyErrno,
  classifyHttp,
  classifyVendorCode,
  classifyWsClose,
  errnoOf,
  failureOf,
  retryAfterMs,
} from '../classify.ts';
import type { ErrorMessage } from './codec.ts';

const vendor = 'cartesia';

const refusal = z.object({
  error_code: z.string().nullish(),
  title: z.string().nullish(),
  message: z.string().nullish(),
});

/** A handshake that was answered with a status instead of an upgrade. */
export function refusedHandshake(status: number, header: (name: string) => string | undefined, body: string): Failure {
  const { error_code, title } = refusalIn(body);
  const wait = retryAfterMs(header);
  return classifyHttp({
    vendor,
    phase: 'handshake',
    httpStatus: status,
    message: `handshake refused with ${status}${title ? `: ${title}` : ''}`,
    ...(error_code && { vendorCode: error_code }),
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}

function refusalIn(body: string): z.infer<typeof refusal> {
  try {
    return refusal.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
}

/** How the headers that the SDK builds complain; they quote the value, or the part that they did not like. */
const unsendable = /invalid header value|ByteString/;

/** An error of the socket: refused, reset, TLS, a handshake that took too long, frames that are none. */
export function brokenSocket(error: unknown, phase: FailurePhase): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const errno = errnoOf(error);
  if (unsendable.test(message))
    return failureOf('auth', { vendor, phase, message: 'the key has characters that no header can carry' });
  const late = /handshake has timed out/.test(message);
  return classifyErrno({ vendor, phase: late ? 'handshake' : phase, message, errno });
}

/** A close that nobody here asked for. */
export const closedByVendor = (code: number, reason: string, phase: FailurePhase): Failure =>
  classifyWsClose({ vendor, phase, wsCode: code, message: `closed with ${code}${reason ? `: ${reason}` : ''}` });

/** An error event within a stream. */
export function errorMessage({ status_code, error_code, title, message }: ErrorMessage): Failure {
  const signal = {
    vendor,
    phase: 'stream' as const,
    message: [title, message].filter(Boolean).join(': ') || 'error without words',
    ...(error_code && { vendorCode: error_code }),
  };
  return status_code && status_code >= 400
    ? classifyHttp({ ...signal, httpStatus: status_code })
    : classifyVendorCode(signal);
}

/** A message that no one could read: whose audio it was cannot be known. */
export const unreadable = (): Failure =>
  failureOf('garbage', { vendor, phase: 'stream', message: 'an unreadable message' });

/** The vendor takes no more text: what we send piles up. */
export const notTaken = (bytes: number): Failure =>
  failureOf('stall', { vendor, phase: 'stream', message: `${bytes} bytes of text were not taken` });

/** More text came while the voice was still connecting than may be kept. */
export const overflowed = (): Failure =>
  failureOf('protocol', { vendor, phase: 'connect', message: 'more text than is kept before the voice is connected' });
