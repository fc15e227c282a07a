import { EgressClient, IngressClient, RoomServiceClient, SipClient, type WebhookEvent } from 'livekit-server-sdk';
import { startLiveKitFront, type LiveKitFront, type LiveKitFrontOptions } from '../../emulators/livekit/front.ts';
import { disposeRtc } from '../../src/adapters/livekit/rtc.ts';
import { startLivekitWithRedis } from './livekit-with-redis.ts';
import type { LivekitAccess } from './services.ts';
import { openWebhookDoor } from './webhook-door.ts';

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
  const door = await openWebhookDoor();
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
