import { pinnedFetch, resolveHost } from '../adapters/media-source/pinned-fetch.ts';
import { createSourceProbe } from '../adapters/media-source/probe.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { ingressRoutes } from '../http/ingress.ts';
import { participantRoutes } from '../http/participants.ts';
import { roomRoutes } from '../http/rooms.ts';
import type { Route } from '../http/route.ts';
import type { Alone } from '../runtime/alone.ts';
import type { CallStore } from '../runtime/call-store.ts';
import { guardIngresses } from '../runtime/guarded-ingresses.ts';
import { guardRooms } from '../runtime/guarded-rooms.ts';
import type { Ingresses } from '../runtime/ingresses.ts';
import { createRoomBook } from '../runtime/own-rooms.ts';
import type { RoomCensus } from '../runtime/room-census.ts';
import type { Rooms } from '../runtime/rooms.ts';

/** LiveKit's rooms and what comes into them, for operators. */
export interface LivekitControl {
  readonly rooms: Rooms;
  readonly ingresses: Ingresses;
}

interface ControlParts {
  readonly store: Pick<CallStore, 'openIn'>;
  readonly alone: Alone;
  readonly census: Pick<RoomCensus, 'isGhost'>;
}

/** What operators may do with a LiveKit. */
export function controlRoutes(
  livekit: LivekitControl,
  { roomPrefix, declaredRooms, roomLimits, ingressHosts }: Config,
  { store: { openIn }, alone, census }: ControlParts,
  clock: Clock,
): readonly Route[] {
  const own = { prefix: roomPrefix, declared: declaredRooms };
  const sources = { hosts: ingressHosts };
  const rules = { rooms: own, sources };
  const rooms = guardRooms({ rooms: livekit.rooms, limits: roomLimits, alone, isGhost: census.isGhost });
  const probe = createSourceProbe({ rules: sources, clock, resolve: resolveHost, fetch: pinnedFetch });
  const ingresses = guardIngresses({ ...livekit, probe, rules });
  const book = createRoomBook({ own, callsIn: openIn });
  return [
    ...roomRoutes({ rooms, book }),
    ...participantRoutes({ rooms, book }),
    ...ingressRoutes({ ingresses, book, rules }),
  ];
}
