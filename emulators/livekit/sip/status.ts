import type { LeaveReason } from '../../phone/types.ts';
import { relayed, type TwirpCode, type TwirpError } from '../twirp.ts';

/** Reason phrases of RFC 3261 and those of telephones. */
const phrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  202: 'Accepted',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  410: 'Gone',
  480: 'Temporarily Unavailable',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
};

const codes: readonly (readonly [TwirpCode, readonly number[]])[] = [
  ['resource_exhausted', [440, 480, 486, 600]],
  ['not_found', [301, 302, 404, 410, 481, 604]],
  ['permission_denied', [401, 402, 403, 433, 470, 603, 607, 608]],
  ['unauthenticated', [407, 428, 436, 437, 438, 494]],
  ['deadline_exceeded', [408, 504]],
  ['aborted', [487, 491]],
  ['failed_precondition', [409, 412, 482, 483]],
];

/** How a callee's final answer reads at LiveKit's API. */
export function codeOfStatus(status: number): TwirpCode {
  const named = codes.find(([, all]) => all.includes(status));
  if (named) return named[0];
  return status >= 500 && status < 600 && status !== 505 && status !== 513 ? 'failed_precondition' : 'invalid_argument';
}

export const phraseOf = (status: number): string => phrases[status] ?? 'Failure';

/** The error of a call or transfer that ended with this SIP status; `what` stands before it. */
export function sipError(what: string, status: number, reason = phraseOf(status)): TwirpError {
  const meta = { sip_status_code: String(status), sip_status: reason };
  return relayed(codeOfStatus(status), `${what}sip status: ${status}: ${reason}`, meta);
}

/** The error of a call that a callee refused. */
export const refusedCall = (status: number, reason?: string): TwirpError =>
  sipError(expected.includes(status) ? 'INVITE failed: ' : 'unexpected status from INVITE response: ', status, reason);

const expected = [400, 404, 480, 486, 488];

/** Nobody answered in time, or the room went away meanwhile. */
export const timedOut = (): TwirpError => relayed('canceled', 'sip request timed out');

/** Why the participant leaves after this final answer. */
export function leaveReasonOf(status: number): LeaveReason {
  if (status >= 500 && status < 600) return 'CLIENT_INITIATED';
  return [404, 408, 480].includes(status) ? 'USER_UNAVAILABLE' : 'USER_REJECTED';
}

/** Telephones ring before they say busy or decline; what never reached one does not. */
export const ringsBefore = (status: number): boolean => [480, 486, 600, 603].includes(status);
