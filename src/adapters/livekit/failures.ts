import type { RoomFact } from '../../actors/room.ts';
import type { Failure } from '../../failure.ts';
import { failureOf } from '../classify.ts';

const vendor = 'livekit';

/** Somebody else has our place: never come back. */
const fencing = ['DUPLICATE_IDENTITY', 'PARTICIPANT_REMOVED'];
const closing = ['ROOM_DELETED', 'ROOM_CLOSED'];

/** The last fact of a connection that ended without our doing. `reason` is a name of LiveKit's DisconnectReason. */
export function disconnectedFact(reason: string): RoomFact {
  if (fencing.includes(reason)) return { type: 'line.fenced', reason };
  if (closing.includes(reason)) return { type: 'line.closed', reason };
  const failure = failureOf('network', { vendor, phase: 'stream', message: `disconnected: ${reason}` });
  return { type: 'line.failed', failure };
}

/** What rtc-node says of a connection that did not come about is text only. */
export function joinFailure(error: unknown): Failure {
  const message = textOf(error);
  const signal = { vendor, phase: 'connect', message } as const;
  if (/\b40[13]\b|unauthori[sz]ed|invalid token|permission/i.test(message)) return failureOf('auth', signal);
  if (/\b5\d\d\b/.test(message)) return failureOf('server', signal);
  return failureOf('network', signal);
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
