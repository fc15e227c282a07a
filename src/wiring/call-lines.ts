import type { Egress } from '../actors/egress.ts';
import type { Participants } from '../actors/participants.ts';
import { createTokenSigner } from '../adapters/jose/token-signer.ts';
import { createLivekitApi } from '../adapters/livekit/api/api.ts';
import { createLivekitIngresses } from '../adapters/livekit/api/ingresses.ts';
import { createLivekitEgress } from '../adapters/livekit/api/egress.ts';
import { createLivekitRooms } from '../adapters/livekit/api/rooms.ts';
import { createLivekitParticipants } from '../adapters/livekit/participants.ts';
import { createLivekitLine } from '../adapters/livekit/line.ts';
import { createLivekitTelephones } from '../adapters/livekit/telephones.ts';
import { agentIdentity } from '../adapters/line/rivals.ts';
import { disposeRtc, loadRtc } from '../adapters/livekit/rtc.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { Line } from './call-parts.ts';
import type { LivekitControl } from './control.ts';

/** Gives each call its place in a room, and tokens a way to put somebody out of one. */
export interface Lines {
  open(options: {
    readonly room: string;
    readonly callerKey: string;
    readonly epoch: number;
    readonly agentName: string;
  }): Line;
  readonly participants: Participants;
  /** Left out where there is no server. */
  readonly control?: LivekitControl;
  readonly egress: Egress;
  close(): Promise<void>;
}

/** Lines over LiveKit. The identity carries the epoch: a later owner of the call never throws out an earlier one unseen. */
export async function livekitLines(
  { livekitUrl: url, outbound }: Config,
  { livekitKeys: keys, storages }: Pick<Secrets, 'livekitKeys' | 'storages'>,
  clock: Clock,
): Promise<Lines> {
  // Loading the native library takes longer than a caller should wait.
  await loadRtc();
  const signer = createTokenSigner(keys);
  const api = createLivekitApi({ url, clock, key: keys.signing });
  const rooms = createLivekitRooms(api);
  const telephones = createLivekitTelephones({ api, rooms, trunk: outbound?.trunk });
  return {
    participants: createLivekitParticipants(rooms),
    control: { rooms, ingresses: createLivekitIngresses(api) },
    egress: createLivekitEgress(api, storages),
    open: ({ room, callerKey, epoch, agentName }) => ({
      ...createLivekitLine({
        url,
        signer,
        rooms,
        roomName: room,
        identity: agentIdentity(callerKey, epoch),
        agentName,
        callerKey,
        clock,
      }),
      leg: { room, callerKey },
      ...telephones,
    }),
    async close() {
      await api.close();
      await disposeRtc();
    },
  };
}
