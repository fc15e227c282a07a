import type { SipAdmin } from '../actors/apply-sip.ts';
import type { Egress } from '../actors/egress.ts';
import type { Participants } from '../actors/participants.ts';
import { createTokenSigner } from '../adapters/jose/token-signer.ts';
import { createLivekitApi, type LivekitApi } from '../adapters/livekit/api/api.ts';
import { createLivekitIngresses } from '../adapters/livekit/api/ingresses.ts';
import { createLivekitEgress } from '../adapters/livekit/api/egress.ts';
import { createLivekitRooms } from '../adapters/livekit/api/rooms.ts';
import { createEgressOfHosts } from '../adapters/livekit/egress-hosts.ts';
import { createLivekitParticipants } from '../adapters/livekit/participants.ts';
import { createLivekitLine } from '../adapters/livekit/line.ts';
import { createSipAdmin } from '../adapters/livekit/sip-admin.ts';
import { createLivekitTelephones } from '../adapters/livekit/telephones.ts';
import { agentIdentity } from '../adapters/line/rivals.ts';
import { disposeRtc, loadRtc } from '../adapters/livekit/rtc.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { Storages } from '../egress.ts';
import { createHub } from '../runtime/hub.ts';
import type { Look } from '../runtime/line-look.ts';
import type { Sighting } from '../runtime/notices.ts';
import type { Connections } from '../runtime/connections.ts';
import type { Line } from './call-parts.ts';
import type { LivekitControl } from './control.ts';
import type { Hosts } from './hosts.ts';

/** Gives each call its place in a room, and tokens a way to put somebody out of one. */
export interface Lines {
  open(options: {
    readonly room: string;
    readonly callerKey: string;
    readonly epoch: number;
    readonly agentName: string;
    /** URL of the LiveKit where the room is. */
    readonly host: string;
    /** Told once a second how the line is. */
    readonly look: (seen: Look) => void;
  }): Line;
  readonly participants: Participants;
  /** Left out where there is no server. */
  readonly control?: LivekitControl;
  readonly egress: Egress;
  /** Telephone lines of the LiveKit of the settings, wherever new calls go. Left out where there is no server. */
  readonly sipAdmin?: SipAdmin;
  readonly connections?: Connections;
  /** Told of each request to LiveKit's API, when it is over. Left out where there is no server. */
  readonly watch?: (told: (sighting: Sighting) => void) => void;
  close(): Promise<void>;
}

const ofLivekit = ['livekit-room', 'livekit-egress', 'livekit-ingress', 'livekit-sip', 'livekit-connect'] as const;

interface LivekitLinesOptions {
  readonly config: Pick<Config, 'outbound' | 'livekitUrl'>;
  readonly secrets: Pick<Secrets, 'livekitKeys' | 'storages'>;
  readonly hosts: Hosts;
  readonly clock: Clock;
}

/** Lines over LiveKit. The identity carries the epoch: a later owner of the call never throws out an earlier one unseen. */
export async function livekitLines({ config, secrets, hosts, clock }: LivekitLinesOptions): Promise<Lines> {
  // Loading the native library takes longer than a caller should wait.
  await loadRtc();
  const { livekitKeys: keys, storages } = secrets;
  const signer = createTokenSigner(keys);
  const sightings = createHub<Sighting>(() => undefined);
  const seen = (sighting: Sighting, at: string) =>
    sightings.tell(at === config.livekitUrl ? sighting : { ...sighting, elsewhere: true });
  const api = createLivekitApi({ url: hosts.now, clock, key: keys.signing, seen });
  const rooms = createLivekitRooms(api);
  return {
    participants: createLivekitParticipants(rooms),
    control: { rooms, ingresses: createLivekitIngresses(api) },
    sipAdmin: createSipAdmin(api.at(config.livekitUrl)),
    connections: { to: ofLivekit, what: 'sockets to LiveKit’s API', renew: async () => void api.renew() },
    egress: createEgressOfHosts(() => recordersAt(hosts.all(), api, storages)),
    watch: (told) => void sightings.listen(told),
    open({ room, callerKey, epoch, agentName, host, look }) {
      const there = api.at(host);
      const roomsThere = createLivekitRooms(there);
      return {
        ...createLivekitLine({
          url: host,
          signer,
          rooms: roomsThere,
          roomName: room,
          identity: agentIdentity(callerKey, epoch),
          agentName,
          callerKey,
          clock,
          look,
        }),
        leg: { room, callerKey },
        ...createLivekitTelephones({ api: there, rooms: roomsThere, trunk: config.outbound?.trunk }),
      };
    },
    async close() {
      await api.close();
      await disposeRtc();
    },
  };
}

function recordersAt([first, ...others]: readonly [string, ...string[]], api: LivekitApi, storages: Storages) {
  const at = (host: string) => createLivekitEgress(api.at(host), storages);
  return [at(first), ...others.map(at)] as const;
}
