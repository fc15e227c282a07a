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

const vendor = 'deepgram';

const refusal = z.object({ err_code: z.string().optional(), err_msg: z.string().optional() });

/** What a refused upgrade carries; the SDK's own error keeps only the status, and that in prose. */
export interface Refusal {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

/** A handshake that was answered with a status instead of an upgrade. */
export function refusedHandshake({ status, header, body }: Refusal): Failure {
  const { err_code: fromBody, err_msg: text } = refusalIn(body);
  const vendorCode = fromBody ?? header('dg-error');
  const wait = retryAfterMs(header);
  return classifyHttp({
    vendor,
    phase: 'handshake',
    httpStatus: status,
    message: `handshake refused with ${status}${text ? `: ${text}` : ''}`,
    ...(vendorCode === undefined ? {} : { vendorCode }),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function refusalIn(body: string): z.infer<typeof refusal> {
  try {
    return refusal.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
}

/** An error of the socket itself: refused, reset, unknown host, a key that no header can carry. */
export function brokenSocket(error: unknown, phase: FailurePhase): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return classifyErrno({
    vendor,
    phase,
    message,
    errno: error instanceof SyntaxError ? 'ERR_INVALID_URL' : errnoOf(error),
  });
}

/** A close nobody asked for; the reason is prose, with NET-0001 in it when our own audio had stopped. */
export function closedByVendor(code: number, reason: string, phase: FailurePhase): Failure {
  return classifyWsClose({ vendor, phase, wsCode: code, message: `closed with ${code}${reason ? `: ${reason}` : ''}` });
}

/** `Error` messages inside a stream: v1 has `variant`, v2 `code`; both are followed by a close. */
export function errorMessage(code: string | undefined, text: string): Failure {
  return classifyVendorCode({
    vendor,
    phase: 'stream',
    message: text,
    ...(code === undefined ? {} : { vendorCode: code }),
  });
}

/** Too many messages that no one could read. A fresh stream may be better. */
export const unreadable = (count: number): Failure =>
  failureOf('garbage', { vendor, phase: 'stream', message: `${count} unreadable messages` });

/** The vendor takes no more audio: what we send piles up. */
export const notTaken = (bytes: number): Failure =>
  failureOf('stall', { vendor, phase: 'stream', message: `${bytes} bytes of audio were not taken` });
