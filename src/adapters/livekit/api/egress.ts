import type { EgressInfo as Message, RoomCompositeOptions } from 'livekit-server-sdk';
import type { Egress } from '../../../actors/egress.ts';
import {
  type EgressInfo,
  type EgressOrder,
  type EgressSource,
  livekitEgress,
  type Storages,
  withoutKeys,
} from '../../../egress.ts';
import { ControlError } from '../../../runtime/control-error.ts';
import type { LivekitApi } from './api.ts';
import { directOutput, encodedOutputs } from './egress-outputs.ts';
import { unreadable } from './errors.ts';
import { isMissing } from './room-errors.ts';

/** LiveKit's word for agents on the left channel and everybody else on the right, which the SDK does not export. */
const agentOnTheLeft: NonNullable<RoomCompositeOptions['audioMixing']> = 1;

/** LiveKit's recorder. Credentials of storages go from here to LiveKit and nowhere else. */
export function createLivekitEgress({ egress: sdk }: Pick<LivekitApi, 'egress'>, storages: Storages): Egress {
  return {
    start: async (order) => infoOf(await start(sdk, order, storages).catch(withoutAddresses)),
    async list(which) {
      const options = 'egressId' in which ? { egressId: which.egressId } : which.room ? { roomName: which.room } : {};
      const found = await sdk.listEgress(options).catch(noneWhereMissing);
      return found.map(infoOf);
    },
    stop: async (egressId) => infoOf(await sdk.stopEgress(egressId)),
    updateLayout: async (egressId, layout) => infoOf(await sdk.updateLayout(egressId, layout)),
    updateStream: async (egressId, { add, remove }) =>
      infoOf(await sdk.updateStream(egressId, [...add], [...remove]).catch(withoutAddresses)),
  };
}

/** LiveKit repeats addresses that it does not take, keys and all. */
function withoutAddresses(error: unknown): never {
  if (!(error instanceof ControlError)) throw error;
  const { code, failure, maybeDone } = error;
  throw new ControlError(code, { ...failure, message: withoutKeys(failure.message) }, { maybeDone });
}

/** LiveKit has no list for an id that it does not know. */
function noneWhereMissing(error: unknown): Message[] {
  if (isMissing(error)) return [];
  throw error;
}

/** One reader for lists and webhooks. */
function infoOf(message: Message): EgressInfo {
  const read = livekitEgress.safeParse(message.toJson());
  if (read.success) return read.data;
  throw unreadable({ service: 'Egress', method: 'EgressInfo' });
}

function start(sdk: LivekitApi['egress'], order: EgressOrder, storages: Storages): Promise<Message> {
  const { source } = order;
  const outputs = () => encodedOutputs(order, storages);
  switch (source.kind) {
    case 'room': {
      const { layout = '', dual } = source;
      const mixing = dual ? { audioMixing: agentOnTheLeft } : {};
      return sdk.startRoomCompositeEgress(source.room, outputs(), { layout, ...alone(source), ...mixing });
    }
    case 'tracks': {
      const { audioTrack, videoTrack } = source;
      const tracks = {
        ...(audioTrack && { audioTrackId: audioTrack }),
        ...(videoTrack && { videoTrackId: videoTrack }),
      };
      return sdk.startTrackCompositeEgress(source.room, outputs(), tracks);
    }
    case 'participant':
      return sdk.startParticipantEgress(source.room, source.identity, outputs(), { screenShare: source.screenShare });
    case 'track':
      return sdk.startTrackEgress(source.room, directOutput(order, storages), source.track);
    case 'web':
      return sdk.startWebEgress(source.url.reveal(), outputs(), alone(source));
  }
}

const alone = ({ only }: Extract<EgressSource, { only?: unknown }>) => ({
  audioOnly: only === 'audio',
  videoOnly: only === 'video',
});
