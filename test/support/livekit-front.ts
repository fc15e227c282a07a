import { createServer, type IncomingMessage } from 'node:http';
import {
  EgressClient,
  IngressClient,
  RoomServiceClient,
  SipClient,
  type WebhookEvent,
  WebhookReceiver,
} from 'livekit-server-sdk';
import { listen } from '../../emulators/kit/front.ts';
import { startLiveKitFront, type LiveKitFront, type LiveKitFrontOptions } from '../../emulators/livekit/front.ts';
import { disposeRtc } from '../../src/adapters/livekit/rtc.ts';
import { startLivekitWithRedis } from './livekit-with-redis.ts';
import type { LivekitAccess } from './services.ts';

/** A real livekit-server with Redis behind the front, LiveKit's own clients at the front, and the webhooks of both. */
export interface FrontWorld {
  readonly front: LiveKitFront;
  readonly server: LivekitAccess;
  readonly rooms: RoomServiceClient;
  readonly sip: SipClient;
  readonly egress: EgressClient;
  readonly ingress: IngressClient;
  /** An outbound trunk of the real server, with the number +15550100. */
  readonly trunkId: string;
  /** Webhooks whose signature held, past or to come: the first that fits. Rejects after 20 s. */
  webhook(fits: (event: WebhookEvent) => boolean): Promise<WebhookEvent>;
  readonly webhooks: readonly WebhookEvent[];
  close(): Promise<void>;
}

export async function openFrontWorld(options: Partial<LiveKitFrontOptions> = {}): Promise<FrontWorld> {
  const door = await openDoor();
  const server = await startLivekitWithRedis({ webhookUrl: door.url });
  const { apiKey, apiSecret } = server;
  door.accept(apiKey, apiSecret);
  const front = await startLiveKitFront({
    upstream: server.url,
    apiKey,
    apiSecret,
    webhookUrls: [door.url],
    ...options,
  });
  const access = [front.httpUrl, apiKey, apiSecret] as const;
  const sip = new SipClient(...access);
  const trunk = await sip.createSipOutboundTrunk('out', '127.0.0.1:5080', ['+15550100'], { transport: 0 });
  return {
    front,
    server,
    rooms: new RoomServiceClient(...access),
    sip,
    egress: new EgressClient(...access),
    ingress: new IngressClient(...access),
    trunkId: trunk.sipTrunkId,
    webhook: door.when,
    webhooks: door.events,
    async close() {
      await front.close();
      await server.stop();
      await disposeRtc();
      door.close();
    },
  };
}

async function openDoor() {
  const events: WebhookEvent[] = [];
  const waiting = new Set<() => void>();
  let receiver: WebhookReceiver | undefined;
  const server = createServer(async (request, response) => {
    const event = await receiver!.receive(await textOf(request), String(request.headers.authorization));
    response.end();
    events.push(event);
    for (const look of waiting) look();
  });
  const url = `http://127.0.0.1:${await listen(server, 0)}/webhook`;
  const seen = () => events.map(({ event, participant }) => `${event} ${participant?.identity ?? ''}`).join(', ');
  const when = (fits: (event: WebhookEvent) => boolean) =>
    new Promise<WebhookEvent>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no such webhook; there were: ${seen()}`)), 20_000);
      const look = () => {
        const found = events.find(fits);
        if (!found) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    url,
    events,
    when,
    accept: (key: string, secret: string) => void (receiver = new WebhookReceiver(key, secret)),
    close: () => void (server.closeAllConnections(), server.close()),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
