import {
  DataPacket_Kind,
  EncodedFileOutput,
  IngressInput,
  SIPDispatchRuleInfo,
  SIPInboundTrunkInfo,
  SIPOutboundTrunkInfo,
  StartEgressRequest,
} from 'livekit-server-sdk';
import type { LivekitApi } from '../../src/adapters/livekit/api/api.ts';

/** Rights as `place.name`; `video.room` stands for the room that they are for. */
export type Right =
  | 'video.roomCreate'
  | 'video.roomList'
  | 'video.roomAdmin'
  | 'video.room'
  | 'video.destinationRoom'
  | 'video.roomRecord'
  | 'video.ingressAdmin'
  | 'sip.admin'
  | 'sip.call';

const room = 'rights-room';
const admin: Right[] = ['video.roomAdmin', 'video.room'];
const file = { file: new EncodedFileOutput({ filepath: 'rights.ogg' }) };
const bytes = new Uint8Array([1]);

type Row = readonly [needs: readonly Right[], ask: (api: LivekitApi) => Promise<unknown>];

/** Every method of the server's API that the SDK has, asked for what is not there, and the rights that it takes. */
export const everyRpc: Readonly<Record<string, Row>> = {
  'RoomService/CreateRoom': [['video.roomCreate'], ({ rooms }) => rooms.createRoom({ name: room, emptyTimeout: 1 })],
  'RoomService/ListRooms': [['video.roomList'], ({ rooms }) => rooms.listRooms([room])],
  'RoomService/DeleteRoom': [['video.roomCreate'], ({ rooms }) => rooms.deleteRoom('rights-none')],
  'RoomService/UpdateRoomMetadata': [admin, ({ rooms }) => rooms.updateRoomMetadata(room, '{}')],
  'RoomService/ListParticipants': [admin, ({ rooms }) => rooms.listParticipants(room)],
  'RoomService/GetParticipant': [admin, ({ rooms }) => rooms.getParticipant(room, 'nobody')],
  'RoomService/RemoveParticipant': [admin, ({ rooms }) => rooms.removeParticipant(room, 'nobody')],
  'RoomService/MutePublishedTrack': [admin, ({ rooms }) => rooms.mutePublishedTrack(room, 'nobody', 'TR_1', true)],
  'RoomService/UpdateParticipant': [admin, ({ rooms }) => rooms.updateParticipant(room, 'nobody', { name: 'x' })],
  'RoomService/UpdateSubscriptions': [admin, ({ rooms }) => rooms.updateSubscriptions(room, 'nobody', ['TR_1'], true)],
  'RoomService/SendData': [admin, ({ rooms }) => rooms.sendData(room, bytes, DataPacket_Kind.RELIABLE, {})],
  'RoomService/ForwardParticipant': [
    [...admin, 'video.destinationRoom'],
    ({ rooms }) => rooms.forwardParticipant(room, 'nobody', 'rights-other'),
  ],
  'RoomService/MoveParticipant': [
    [...admin, 'video.destinationRoom'],
    ({ rooms }) => rooms.moveParticipant(room, 'nobody', 'rights-other'),
  ],
  'SIP/CreateSIPInboundTrunk': [['sip.admin'], ({ sip }) => sip.createSipInboundTrunk('rights', ['+1555'])],
  'SIP/CreateSIPOutboundTrunk': [
    ['sip.admin'],
    ({ sip }) => sip.createSipOutboundTrunk('rights', '127.0.0.1', ['+1555'], { transport: 0 }),
  ],
  'SIP/UpdateSIPInboundTrunk': [
    ['sip.admin'],
    ({ sip }) => sip.updateSipInboundTrunk('ST_none', new SIPInboundTrunkInfo({ numbers: ['+1555'] })),
  ],
  'SIP/UpdateSIPOutboundTrunk': [
    ['sip.admin'],
    ({ sip }) => sip.updateSipOutboundTrunk('ST_none', new SIPOutboundTrunkInfo({ numbers: ['+1555'] })),
  ],
  'SIP/ListSIPInboundTrunk': [['sip.admin'], ({ sip }) => sip.listSipInboundTrunk()],
  'SIP/ListSIPOutboundTrunk': [['sip.admin'], ({ sip }) => sip.listSipOutboundTrunk()],
  'SIP/DeleteSIPTrunk': [['sip.admin'], ({ sip }) => sip.deleteSipTrunk('ST_none')],
  'SIP/CreateSIPDispatchRule': [
    ['sip.admin'],
    ({ sip }) => sip.createSipDispatchRule({ type: 'individual', roomPrefix: 'rights' }),
  ],
  'SIP/UpdateSIPDispatchRule': [
    ['sip.admin'],
    ({ sip }) => sip.updateSipDispatchRule('SDR_none', new SIPDispatchRuleInfo()),
  ],
  'SIP/ListSIPDispatchRule': [['sip.admin'], ({ sip }) => sip.listSipDispatchRule()],
  'SIP/DeleteSIPDispatchRule': [['sip.admin'], ({ sip }) => sip.deleteSipDispatchRule('SDR_none')],
  'SIP/CreateSIPParticipant': [['sip.call'], ({ sip }) => sip.createSipParticipant('ST_none', '+1555', room)],
  'SIP/TransferSIPParticipant': [
    ['sip.call', ...admin],
    ({ sip }) => sip.transferSipParticipant(room, 'nobody', 'tel:+1555'),
  ],
  'Egress/StartRoomCompositeEgress': [
    ['video.roomRecord'],
    ({ egress }) => egress.startRoomCompositeEgress('rights-none', file),
  ],
  'Egress/StartWebEgress': [
    ['video.roomRecord'],
    ({ egress }) => egress.startWebEgress('https://livekit.invalid', file),
  ],
  'Egress/StartParticipantEgress': [
    ['video.roomRecord'],
    ({ egress }) => egress.startParticipantEgress('rights-none', 'nobody', file),
  ],
  'Egress/StartTrackCompositeEgress': [
    ['video.roomRecord'],
    ({ egress }) => egress.startTrackCompositeEgress('rights-none', file, { audioTrackId: 'TR_1' }),
  ],
  'Egress/StartTrackEgress': [
    ['video.roomRecord'],
    ({ egress }) => egress.startTrackEgress('rights-none', 'wss://livekit.invalid', 'TR_1'),
  ],
  'Egress/StartEgress': [
    ['video.roomRecord'],
    ({ egress }) => egress.startEgress(new StartEgressRequest({ roomName: 'rights-none' })),
  ],
  'Egress/UpdateLayout': [['video.roomRecord'], ({ egress }) => egress.updateLayout('EG_none', 'grid')],
  'Egress/UpdateStream': [
    ['video.roomRecord'],
    ({ egress }) => egress.updateStream('EG_none', ['rtmp://livekit.invalid/x']),
  ],
  'Egress/ListEgress': [['video.roomRecord'], ({ egress }) => egress.listEgress({ egressId: 'EG_none' })],
  'Egress/StopEgress': [['video.roomRecord'], ({ egress }) => egress.stopEgress('EG_none')],
  'Ingress/CreateIngress': [
    ['video.ingressAdmin'],
    ({ ingress }) =>
      ingress.createIngress(IngressInput.RTMP_INPUT, { roomName: room, participantIdentity: 'streamer' }),
  ],
  'Ingress/UpdateIngress': [['video.ingressAdmin'], ({ ingress }) => ingress.updateIngress('IN_none', { name: 'x' })],
  'Ingress/ListIngress': [['video.ingressAdmin'], ({ ingress }) => ingress.listIngress({ ingressId: 'IN_none' })],
  'Ingress/DeleteIngress': [['video.ingressAdmin'], ({ ingress }) => ingress.deleteIngress('IN_none')],
  'AgentDispatchService/CreateDispatch': [admin, ({ dispatch }) => dispatch.createDispatch(room, 'rights')],
  'AgentDispatchService/ListDispatch': [admin, ({ dispatch }) => dispatch.listDispatch(room)],
  'AgentDispatchService/DeleteDispatch': [admin, ({ dispatch }) => dispatch.deleteDispatch('AD_none', room)],
};
