import {
  IngressAudioEncodingPreset,
  IngressAudioOptions,
  IngressInput,
  IngressVideoEncodingPreset,
  IngressVideoOptions,
} from 'livekit-server-sdk';
import type { IngressChange, IngressRequest } from '../../../ingress.ts';
import type { Ingresses } from '../../../runtime/ingresses.ts';
import type { LivekitApi } from './api.ts';
import { hidingQuery, ingressSummary, newIngress } from './ingress-shapes.ts';
import { missing } from './room-errors.ts';

const inputs = { rtmp: IngressInput.RTMP_INPUT, whip: IngressInput.WHIP_INPUT, url: IngressInput.URL_INPUT } as const;

/** Ingresses of a real LiveKit. It takes what it is given: input from outside is checked before. */
export function createLivekitIngresses({ ingress: sdk }: Pick<LivekitApi, 'ingress'>): Ingresses {
  return {
    async create(request) {
      const { name, room: roomName, identity: participantIdentity } = request;
      const options = { name, roomName, participantIdentity, ...optionsOf(request) };
      const making = sdk.createIngress(inputs[request.input], options);
      return newIngress(await (request.input === 'url' ? making.catch(hidingQuery(request.url)) : making));
    },
    async made(request) {
      const ofRoom = (await sdk.listIngress({ roomName: request.room })).map(newIngress);
      return ofRoom.find(({ ingress }) => isMadeBy(request, ingress));
    },
    async update(id, change) {
      const { name = '', room: roomName = '', identity: participantIdentity = '' } = change;
      return ingressSummary(await sdk.updateIngress(id, { name, roomName, participantIdentity, ...optionsOf(change) }));
    },
    list: async (room) => (await sdk.listIngress(room === undefined ? {} : { roomName: room })).map(ingressSummary),
    async get(id) {
      const [found] = await sdk.listIngress({ ingressId: id });
      if (!found) throw missing('there is no such ingress');
      return ingressSummary(found);
    },
    delete: async (id) => void (await sdk.deleteIngress(id)),
  };
}

const isMadeBy = (request: IngressRequest, made: ReturnType<typeof ingressSummary>): boolean =>
  made.input === request.input &&
  made.name === request.name &&
  made.identity === request.identity &&
  (request.input !== 'url' || made.url === request.url);

function optionsOf(given: IngressRequest | IngressChange) {
  const { participantName, metadata, audio, video } = given;
  return {
    ...(participantName !== undefined && { participantName }),
    ...(metadata !== undefined && { participantMetadata: JSON.stringify(metadata) }),
    ...('url' in given && { url: given.url }),
    ...('enabled' in given && given.enabled !== undefined && { enabled: given.enabled }),
    ...('transcode' in given && given.transcode !== undefined && { enableTranscoding: given.transcode }),
    ...(audio && { audio: audioOptions(audio.preset) }),
    ...(video && { video: videoOptions(video.preset) }),
  };
}

const audioOptions = (preset: string): IngressAudioOptions =>
  new IngressAudioOptions({ encodingOptions: { case: 'preset', value: valueOf(IngressAudioEncodingPreset, preset) } });

const videoOptions = (preset: string): IngressVideoOptions =>
  new IngressVideoOptions({ encodingOptions: { case: 'preset', value: valueOf(IngressVideoEncodingPreset, preset) } });

/** Our words are those of the protocol in small letters; a test goes through all of them. */
const valueOf = (names: object, preset: string): number => (names as Record<string, number>)[preset.toUpperCase()]!;
