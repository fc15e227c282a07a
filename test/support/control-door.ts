import type { Hono } from 'hono';
import { ingressRoutes } from '../../src/http/ingress.ts';
import { participantRoutes } from '../../src/http/participants.ts';
import { roomRoutes } from '../../src/http/rooms.ts';
import { guardIngresses } from '../../src/runtime/guarded-ingresses.ts';
import { guardRooms } from '../../src/runtime/guarded-rooms.ts';
import type { Ingresses, SourceProbe } from '../../src/runtime/ingresses.ts';
import { createRoomBook } from '../../src/runtime/own-rooms.ts';
import type { Rooms } from '../../src/runtime/rooms.ts';
import { doorOf } from './door.ts';

interface ControlDoorOptions {
  readonly rooms: Rooms;
  readonly ingresses: Ingresses;
  readonly probe?: SourceProbe;
  /** Rooms that there may be at once: 3 unless given. */
  readonly mostRooms?: number;
  /** Keys of calls by room. */
  readonly calls?: Readonly<Record<string, readonly string[]>>;
}

const own = { prefix: 'voice-ai-call', declared: ['streaming-room'] };
const rules = { rooms: own, sources: { hosts: [] } };
const trusting: SourceProbe = { look: async (url) => ({ url, format: 'mp4' }) };

/** The operators' door to rooms and what comes into them. */
export function controlDoor({ calls = {}, probe = trusting, mostRooms = 3, ...livekit }: ControlDoorOptions): Hono {
  const rooms = guardRooms({ rooms: livekit.rooms, limits: { rooms: mostRooms, participants: 200 } });
  const ingresses = guardIngresses({ ...livekit, probe, rules });
  const book = createRoomBook({ own, callsIn: async (room) => calls[room] ?? [] });
  return doorOf([
    ...roomRoutes({ rooms, book }),
    ...participantRoutes({ rooms, book }),
    ...ingressRoutes({ ingresses, book, rules }),
  ]);
}

export interface Told {
  readonly status: number;
  readonly body: any;
  readonly text: string;
}

/** One request as JSON, and what came of it. */
export async function ask(
  door: Hono,
  method: string,
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const headers = { host: '127.0.0.1', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...more };
  const answer = await door.request(path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text), text };
}
