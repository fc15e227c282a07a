import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EgressClient, type EgressInfo, SipClient } from 'livekit-server-sdk';
import { type LiveKitFront, startLiveKitFront } from '../../emulators/livekit/front.ts';
import type { Rule } from '../../emulators/openai/script.ts';
import type { CallView } from '../../src/runtime/calls.ts';
import { greeted } from './call-ask.ts';
import { inRealTime } from './call-real-time.ts';
import type { FollowedCall } from './call-story.ts';
import { hubWebhookUrl } from './hub.ts';
import type { Instances, LivingInstance, MortalCall } from './instances.ts';
import { startLivekitWithRedis } from './livekit-with-redis.ts';
import type { LivekitAccess } from './services.ts';
import { twoInstances } from './two-instances.ts';

/** What instances do that cannot be undone, and who counts it: tools a file, all else a front before LiveKit. */
export interface Deeds {
  readonly front: LiveKitFront;
  /**
   * Gives the body two instances on one Redis, whose clerk may call out, put callers through and record them. Ends them in any case:
   * to others on the same LiveKit their calls would be callers whom nobody runs.
   */
  play(body: (world: Instances) => Promise<void>, settings?: Readonly<Record<string, string>>): Promise<void>;
  /** What the front has of recordings in this room. */
  recordings(room: string): Promise<readonly EgressInfo[]>;
  close(): Promise<void>;
}

export async function openDeeds(rules: readonly Rule[]): Promise<Deeds> {
  const folder = await mkdtemp(join(tmpdir(), 'voicechart-deeds-'));
  const server = await startLivekitWithRedis({ webhookUrl: hubWebhookUrl() });
  const { url: upstream, apiKey, apiSecret } = server;
  const front = await startLiveKitFront({ upstream, apiKey, apiSecret, webhookUrls: [hubWebhookUrl()] });
  const livekit: LivekitAccess = { url: front.url, httpUrl: front.httpUrl, apiKey, apiSecret };
  const sip = new SipClient(front.httpUrl, apiKey, apiSecret);
  await sip.createSipOutboundTrunk('carrier', '127.0.0.1:5080', ['+4930999'], { transport: 0 });
  const settings = { OUTBOUND_ALLOW: '+4930', OUTBOUND_TRUNK: 'carrier', STORAGE_DISK: `local://${folder}` };
  return {
    front,
    play: (body, more) =>
      inRealTime(async () => {
        const world = await twoInstances({ livekit, rules, settings: { ...settings, ...more } });
        await body(world).finally(() => world.close());
      }),
    recordings: (roomName) => new EgressClient(front.httpUrl, apiKey, apiSecret).listEgress({ roomName }),
    async close() {
      await front.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

/** Who rings up, has been greeted, and says this. */
export async function callerWho(world: Instances, says: string): Promise<MortalCall> {
  const call = await world.dial();
  await greeted(call);
  await call.phone.sayWords(says);
  return call;
}

/** Kills whoever runs this call; resolves with the moment. */
export async function killOwner(world: Instances, callKey: string): Promise<number> {
  const owner = await world.ownerOf(callKey);
  if (!owner) throw new Error(`nobody runs ${callKey}`);
  const killedAt = Date.now();
  await owner.kill();
  return killedAt;
}

/** How long nobody said anything to the caller after this moment. What was on its way then is no news of a new owner. */
export async function silenceAfter({ phone }: Pick<MortalCall, 'phone'>, atMs: number): Promise<number> {
  const { startMs } = await phone.when('sound.began', (sound) => sound.startMs > atMs + mostInTransitMs);
  return Math.round(startMs - atMs);
}

const mostInTransitMs = 300;

/** What the model was told of a tool, last. */
export function toldOf(world: Instances, tool: string): string {
  const asked = world.emulators.openai.journal.entries({ type: 'completion.asked' });
  const { messages } = asked.at(-1)!['body'] as { readonly messages: readonly ModelMessage[] };
  const ids = messages.flatMap(({ tool_calls = [] }) => tool_calls).filter((call) => call.function.name === tool);
  return messages.findLast(({ tool_call_id: id }) => ids.some((call) => call.id === id))?.content ?? '';
}

interface ModelMessage {
  readonly content?: string;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { readonly name: string } }[];
  readonly tool_call_id?: string;
}

/** Has the clerk call somebody, by the first instance that lives. */
export async function callOut(world: Instances, to: string): Promise<FollowedCall & { readonly callKey: string }> {
  await world.route('voice-ai-call-out-*');
  const answer = await post(world.living()[0]!, '/v1/calls', { agent: 'clerk', to, ringMs: 60_000 });
  const { id: callKey } = (await answer.json()) as { id: string };
  if (answer.status !== 202) throw new Error(`POST /v1/calls answered ${answer.status}`);
  return { ...world.follow(callKey), callKey };
}

/** An operator has the caller put through. */
export async function putThrough(world: Instances, callKey: string): Promise<number> {
  const owner = (await world.ownerOf(callKey))!;
  const path = `/v1/calls/${encodeURIComponent(callKey)}/commands`;
  return (await post(owner, path, { type: 'transfer', to: 'frontDesk' })).status;
}

const post = ({ api, access }: LivingInstance, path: string, body: object): Promise<Response> =>
  fetch(`${api}${path}`, {
    method: 'POST',
    headers: { ...access.headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
    body: JSON.stringify(body),
  });

/** `GET /v1/calls/:id` at an instance that lives. */
export async function shown(world: Instances, callKey: string): Promise<CallView> {
  const { api, access } = world.living()[0]!;
  const answer = await fetch(`${api}/v1/calls/${encodeURIComponent(callKey)}`, { headers: access.headers });
  return (await answer.json()) as CallView;
}
