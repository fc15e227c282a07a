import { SipClient } from 'livekit-server-sdk';
import type { TelephoneSettingsInput } from '../../emulators/sip-phone/settings.ts';
import { splitCallKey } from '../../src/runtime/call-key.ts';
import { type CallWorld, type CallWorldOptions, openCallWorld } from './call-world.ts';
import type { FollowedCall } from './call-story.ts';
import { deployment } from './deployment.ts';
import { hubWebhookUrl } from './hub.ts';
import { startLivekitWithRedis } from './livekit-with-redis.ts';
import type { LivekitAccess } from './services.ts';
import { deployedTelephones, openTelephones, type Telephones } from './telephones.ts';

/** A livekit-server of its own or that of the deployment, with a gateway and one outbound trunk, `carrier`. */
export interface Exchange {
  readonly livekit: LivekitAccess;
  readonly telephones: Telephones;
  close(): Promise<void>;
}

export async function openExchange(settings: TelephoneSettingsInput): Promise<Exchange> {
  const server = deployment ? undefined : await startLivekitWithRedis({ webhookUrl: hubWebhookUrl() });
  const telephones = await (server ? openTelephones(server, settings) : deployedTelephones(deployment!, settings));
  const { apiKey, apiSecret, httpUrl } = server ?? deployment!.livekit;
  const sip = new SipClient(httpUrl, apiKey, apiSecret);
  await deleteTrunks(sip);
  await sip.createSipOutboundTrunk('carrier', telephones.address, ['+4930999'], { transport: 0 });
  return {
    livekit: { ...telephones.livekit, apiKey, apiSecret },
    telephones,
    async close() {
      await telephones.close();
      if (!server) await deleteTrunks(sip);
      await server?.stop();
    },
  };
}

/** A deployment keeps the trunk of a run that was killed. */
async function deleteTrunks(sip: SipClient): Promise<void> {
  const ours = (await sip.listSipOutboundTrunk()).filter(({ name }) => name === 'carrier');
  await Promise.all(ours.map(({ sipTrunkId }) => sip.deleteSipTrunk(sipTrunkId)));
}

/** Settings with which numbers of Berlin may be called. */
export const outboundSettings = { OUTBOUND_ALLOW: '+4930', OUTBOUND_TRUNK: 'carrier' };

export interface OutboundWorld {
  readonly world: CallWorld;
  /** Has somebody called by `POST /v1/calls`, and follows that call. */
  call(order: object, key: string): Promise<FollowedCall & { readonly id: string }>;
  /** `GET /v1/calls/:id`. */
  get(id: string): Promise<Record<string, unknown>>;
  command(id: string, body: object): Promise<number>;
}

/** A call world whose instance may call. */
export async function openOutboundWorld(exchange: Exchange, options: CallWorldOptions = {}): Promise<OutboundWorld> {
  const world = await openCallWorld({ ...options, livekit: exchange.livekit, settings: outboundSettings });
  await world.route('voice-ai-call-out-*');
  const url = `${world.doors.api.url}/v1/calls`;
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { ...world.access.headers, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return {
    world,
    async call(order, key) {
      const answer = await post('', order, { 'idempotency-key': key });
      const { id } = (await answer.json()) as { id: string };
      if (answer.status !== 202) throw new Error(`POST /v1/calls answered ${answer.status}`);
      const { room, callerKey } = splitCallKey(id);
      return { ...world.follow(room, callerKey), id };
    },
    async get(id) {
      const answer = await fetch(`${url}/${encodeURIComponent(id)}`, { headers: world.access.headers });
      return (await answer.json()) as Record<string, unknown>;
    },
    command: async (id, body) => (await post(`/${encodeURIComponent(id)}/commands`, body)).status,
  };
}
