import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { LivekitAccess } from './services.ts';
import type { SeenWebhook } from './webhook-hub.ts';

/** The livekit-server of this run. Only in tests of the `calls` project. */
export const sharedLivekit = (): LivekitAccess => inject('livekit');

/** A room of this test alone: rooms of others, and late events of their rooms, never meet it. */
export const newRoomName = (prefix = 'voice-ai-call'): string => `${prefix}-${randomBytes(6).toString('hex')}`;

/**
 * Webhooks of this room (a name ending in `*`: of every room that begins so) go to `doorUrl`, unchanged, and LiveKit gets the
 * door's answer. Several doors take turns, none is one that nobody answers at. Returns the end of it.
 */
export async function routeWebhooks(room: string, doorUrl: string | readonly string[]): Promise<() => Promise<void>> {
  const doors = typeof doorUrl === 'string' ? [doorUrl] : doorUrl;
  await ask('PUT', `routes/${encodeURIComponent(room)}`, doors.join('\n') || nobody);
  return async () => void (await ask('DELETE', `routes/${encodeURIComponent(room)}`));
}

/** From now on nobody is told of this room, and LiveKit is not told so. */
export const loseWebhooks = async (room: string): Promise<void> =>
  void (await ask('PUT', `drops/${encodeURIComponent(room)}`));

/** Rooms whose webhooks go to other doors than this one are those of other tests' instances on the same server. */
export async function roomsElsewhere(doorUrl: string): Promise<ReadonlySet<string>> {
  const routes = (await ask('GET', 'routes')) as readonly (readonly [room: string, door: string])[];
  return new Set(routes.filter(([, door]) => !door.startsWith(doorUrl)).map(([room]) => room));
}

/** Where a server sends its webhooks, so that they come to the doors that asked for their rooms. */
export const hubWebhookUrl = (): string => `${inject('webhookHubUrl')}/webhook`;

/** All webhooks of this room so far, in the order they came. */
export async function webhooksOf(room: string): Promise<readonly SeenWebhook[]> {
  return (await ask('GET', `seen/${encodeURIComponent(room)}`)) as readonly SeenWebhook[];
}

/** Port 9 is `discard`, which nothing of ours listens at. */
const nobody = 'http://127.0.0.1:9/';

async function ask(method: string, path: string, body?: string): Promise<unknown> {
  const response = await fetch(`${inject('webhookHubUrl')}/${path}`, { method, ...(body ? { body } : {}) });
  if (!response.ok) throw new Error(`webhook hub: ${method} ${path} answered ${response.status}`);
  return response.json();
}
