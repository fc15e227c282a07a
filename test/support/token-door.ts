import { createLivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitRooms } from '../../src/adapters/livekit/api/rooms.ts';
import { createLivekitParticipants } from '../../src/adapters/livekit/participants.ts';
import { createMemoryTokenRegister } from '../../src/adapters/memory/token-register.ts';
import { readConfig } from '../../src/config.ts';
import { systemClock } from '../../src/clock.ts';
import { listen } from '../../src/http/listen.ts';
import { tokenRoutes } from '../../src/http/tokens.ts';
import { webhookPath, webhookRoutes } from '../../src/http/webhooks.ts';
import type { TokenRegister } from '../../src/runtime/token-register.ts';
import { tellingJoins } from '../../src/runtime/joins.ts';
import { tokenDesk } from '../../src/wiring/tokens.ts';
import { doorOf } from './door.ts';
import { newRoomName, routeWebhooks, sharedLivekit } from './hub.ts';

const address = { host: '127.0.0.1', port: 0 };

interface TokenDoorOptions {
  /** What it shares with other instances; by itself unless given. */
  readonly register?: TokenRegister;
  /** One of its own unless given. Webhooks go to who opened last. */
  readonly room?: string;
}

/** The door for tokens and the one for webhooks, over the real server, for one room. */
export async function openTokenDoor(options: TokenDoorOptions = {}) {
  const { url, apiKey, apiSecret } = sharedLivekit();
  const reading = readConfig({ LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const { config, secrets } = reading;
  const clock = systemClock;
  const room = options.room ?? newRoomName();
  const livekit = createLivekitApi({ url, clock, key: secrets.livekitKeys.signing });
  const desk = tokenDesk(
    secrets.livekitKeys,
    createLivekitParticipants(createLivekitRooms(livekit)),
    options.register ?? createMemoryTokenRegister(clock),
    clock,
  );
  const routes = tokenRoutes({
    desk,
    rooms: { prefix: config.roomPrefix, declared: [] },
    livekitUrl: () => url,
    clock,
  });
  const api = await listen(doorOf(routes), { address, setting: 'API_ADDR', clock });
  const intake = tellingJoins({ receive: async () => 'ignored' }, desk);
  const door = webhookRoutes({ keys: secrets.livekitKeys, intake, clock });
  const webhooks = await listen(door, { address, setting: 'WEBHOOK_ADDR', clock });
  const unroute = await routeWebhooks(room, `${webhooks.url}${webhookPath}`);

  const tokens = `${api.url}/v1/tokens`;
  async function post(path: string, body: object): Promise<any> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${tokens}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return response.json();
  }
  return {
    room,
    url: tokens,
    issue: (asked: object = {}): Promise<{ readonly id: string; readonly token: string }> =>
      post('', { room, identity: 'ada', preset: 'caller', ...asked }),
    check: (token: string) => post('/check', { token }),
    revoke: async (id: string) => (await fetch(`${tokens}/${id}`, { method: 'DELETE' })).status,
    async close() {
      await livekit.close();
      desk.close();
      await unroute();
      await Promise.all([api, webhooks].map((each) => each.close({ graceMs: 0 })));
    },
  };
}
