import { Any, BinaryWriter, WireType } from '@bufbuild/protobuf';
import { SIPStatus } from '@livekit/protocol';
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
function codeOfStatus(status: number): TwirpCode {
  const named = codes.find(([, all]) => all.includes(status));
  if (named) return named[0];
  return status >= 500 && status < 600 && status !== 505 && status !== 513 ? 'failed_precondition' : 'invalid_argument';
}

export const phraseOf = (status: number): string => phrases[status] ?? 'Failure';

/** The error of a call or transfer that ended with this SIP status; `what` stands before it. */
export function sipError(what: string, status: number, reason = phraseOf(status)): TwirpError {
  const code = codeOfStatus(status);
  const message = `${what}sip status: ${status}: ${reason}`;
  const meta = { error_details: detailsOf(code, message, new SIPStatus({ code: status, status: reason })) };
  return relayed(code, message, { ...meta, sip_status_code: String(status), sip_status: reason });
}

/** gRPC's numbers of those codes. */
const grpcCodes: Readonly<Partial<Record<TwirpCode, number>>> = {
  invalid_argument: 3,
  deadline_exceeded: 4,
  not_found: 5,
  permission_denied: 7,
  resource_exhausted: 8,
  failed_precondition: 9,
  aborted: 10,
  unauthenticated: 16,
};

/** The same error as a `google.rpc.Status`, base64. */
function detailsOf(code: TwirpCode, message: string, status: SIPStatus): string {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int32(grpcCodes[code] ?? 2);
  writer.tag(2, WireType.LengthDelimited).string(message);
  writer.tag(3, WireType.LengthDelimited).bytes(Any.pack(status).toBinary());
  return Buffer.from(writer.finish()).toString('base64');
}

/** The error of a call that a callee refused, over a trunk without a login. */
export function refusedCall(status: number, reason?: string): TwirpError {
  if (status === 401 || status === 407)
    return relayed('failed_precondition', 'sip server required auth, but no username or password was provided');
  const what = expected.includes(status) ? 'INVITE failed: ' : 'unexpected status from INVITE response: ';
  return sipError(what, status, reason);
}

const expected = [400, 404, 480, 486, 488];

/** Nobody answered in time, or the room went away meanwhile. */
export const timedOut = (): TwirpError => relayed('canceled', 'sip request timed out');

/** Why the participant leaves after this final answer. */
export function leaveReasonOf(status: number): LeaveReason {
  if (status < 400 || (status >= 500 && status < 600)) return 'CLIENT_INITIATED';
  return [404, 408, 480].includes(status) ? 'USER_UNAVAILABLE' : 'USER_REJECTED';
}

/** Telephones ring before they say busy or decline; what never reached one does not. */
export const ringsBefore = (status: number): boolean => [480, 486, 600, 603].includes(status);
