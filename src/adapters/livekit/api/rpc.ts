import type { Target } from '../../../targets.ts';

/** One method of LiveKit's API. */
export interface Rpc {
  /** Such as `RoomService`. */
  readonly service: string;
  readonly method: string;
}

/** Sent once more, these leave things as one request would have. */
const repeatable = /^(?:Get|List|Delete|Remove|Update|Mute|Stop)|^CreateRoom$/;

/** The server passes these on to a gateway, recorder or participant, and answers 503 when none is there: no sign of an outage. */
const passedOn =
  /^(?:Start|Stop|Transfer)|^(?:CreateSIPParticipant|CreateIngress|MutePublishedTrack|UpdateSubscriptions|SendData)$/;

export const isRepeatable = ({ method }: Rpc): boolean => repeatable.test(method);

export const isPassedOn = ({ method }: Rpc): boolean => passedOn.test(method);

export const nameOf = ({ service, method }: Rpc): string => `${service}/${method}`;

/** Which of LiveKit's services it is of. */
export const targetOf = ({ service }: Rpc): Target => targets[service] ?? 'livekit-room';

const targets: Readonly<Record<string, Target>> = {
  Egress: 'livekit-egress',
  Ingress: 'livekit-ingress',
  SIP: 'livekit-sip',
};
