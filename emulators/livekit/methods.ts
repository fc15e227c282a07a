import type { Message, MessageType } from '@bufbuild/protobuf';
import * as protocol from '@livekit/protocol';
import type { Recorder } from './egress/recorder.ts';
import type { Started } from './egress/plan.ts';
import type { Inlet } from './ingress/inlet.ts';
import type { Rights } from './rights.ts';
import type { Gateway } from './sip/gateway.ts';

/** A method that the front answers itself. */
export interface Method {
  readonly request: MessageType;
  run(request: Message, rights: Rights): Promise<Message> | Message;
}

function method<Asked extends Message<Asked>>(
  request: MessageType<Asked>,
  run: (request: Asked, rights: Rights) => Promise<Message> | Message,
): Method {
  return { request: request as unknown as MessageType, run: run as unknown as Method['run'] };
}

/** By path, such as `livekit.SIP/CreateSIPParticipant`. Everything else is the real server's. */
export function methodsOf(parts: { readonly gateway: Gateway; readonly recorder: Recorder; readonly inlet: Inlet }) {
  const { gateway, recorder, inlet } = parts;
  const start = <Asked extends Message<Asked>>(name: Started['case'], request: MessageType<Asked>) =>
    method(request, (value, rights) => recorder.start({ case: name, value } as unknown as Started, rights));
  const methods: Readonly<Record<string, Method>> = {
    'SIP/CreateSIPParticipant': method(protocol.CreateSIPParticipantRequest, gateway.createParticipant),
    'SIP/TransferSIPParticipant': method(protocol.TransferSIPParticipantRequest, gateway.transferParticipant),
    'Egress/StartRoomCompositeEgress': start('roomComposite', protocol.RoomCompositeEgressRequest),
    'Egress/StartWebEgress': start('web', protocol.WebEgressRequest),
    'Egress/StartParticipantEgress': start('participant', protocol.ParticipantEgressRequest),
    'Egress/StartTrackCompositeEgress': start('trackComposite', protocol.TrackCompositeEgressRequest),
    'Egress/StartTrackEgress': start('track', protocol.TrackEgressRequest),
    'Egress/StartEgress': start('egress', protocol.StartEgressRequest),
    'Egress/UpdateLayout': method(protocol.UpdateLayoutRequest, recorder.updateLayout),
    'Egress/UpdateStream': method(protocol.UpdateStreamRequest, recorder.updateStream),
    'Egress/ListEgress': method(protocol.ListEgressRequest, recorder.list),
    'Egress/StopEgress': method(protocol.StopEgressRequest, recorder.stop),
    'Ingress/CreateIngress': method(protocol.CreateIngressRequest, inlet.create),
    'Ingress/UpdateIngress': method(protocol.UpdateIngressRequest, inlet.update),
    'Ingress/ListIngress': method(protocol.ListIngressRequest, inlet.list),
    'Ingress/DeleteIngress': method(protocol.DeleteIngressRequest, inlet.remove),
  };
  return new Map(Object.entries(methods).map(([name, one]) => [`/twirp/livekit.${name}`, one]));
}
