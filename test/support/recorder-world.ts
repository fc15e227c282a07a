import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EgressClient, type EgressInfo, RoomServiceClient } from 'livekit-server-sdk';
import { startLivekitEgress } from '../../tools/services/livekit-egress.ts';
import type { CallWorld, CallWorldOptions } from './call-world.ts';
import { deployment } from './deployment.ts';
import { hubWebhookUrl, routeWebhooks, sharedLivekit } from './hub.ts';
import { type FrontWorld, openFrontWorld } from './livekit-front.ts';
import { startLivekitWithRedis } from './livekit-with-redis.ts';
import { recordedWords, wordsIn } from './recorded-words.ts';
import type { LivekitAccess } from './services.ts';
import { openWebhookDoor } from './webhook-door.ts';

/**
 * The recorder that tests are to be played against: a binary of livekit-egress. Without it the front before LiveKit records. Recordings
 * that fail when a test wants it (`does: 'fail'`, `'hang'`, …) and those that need a browser, pictures or an address on the internet
 * are the front's alone.
 */
const recorderBinary = process.env['LIVEKIT_EGRESS_BIN'];

/** Whether recordings are made by a real recorder, of ours or of a deployment. */
export const recordsForReal = recorderBinary !== undefined || deployment !== undefined;

/** A livekit-server with a recorder, LiveKit's own clients, and the webhooks of both. */
export interface RecorderWorld extends Pick<
  FrontWorld,
  'rooms' | 'egress' | 'webhook' | 'webhooks' | 'server' | 'close'
> {
  /** Where requests go. */
  readonly livekit: LivekitAccess;
  /** Where there is one. */
  readonly front: FrontWorld['front'] | undefined;
  /** Files of recordings lie in it under the path of their request. */
  readonly folder: string;
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'recordings-'));

export async function openRecorderWorld(): Promise<RecorderWorld> {
  const world = await (recordsForReal ? openRealWorld() : openEmulatedWorld());
  const folder = await newFolder();
  const close = async () => {
    await world.close();
    await rm(folder, { recursive: true });
  };
  return { ...world, folder, close };
}

async function openEmulatedWorld() {
  const world = await openFrontWorld({ recordingsFolder: '/' });
  const { server, front } = world;
  return { ...world, livekit: { ...server, url: front.url, httpUrl: front.httpUrl } };
}

async function openRealWorld() {
  const door = await openWebhookDoor();
  const { server, close } = await realRecorder(door.url);
  const { httpUrl, apiKey, apiSecret } = server;
  door.accept(apiKey, apiSecret);
  return {
    server,
    livekit: server,
    front: undefined,
    rooms: new RoomServiceClient(httpUrl, apiKey, apiSecret),
    egress: new EgressClient(httpUrl, apiKey, apiSecret),
    webhook: door.when,
    webhooks: door.events,
    async close() {
      await close();
      door.close();
    },
  };
}

/** The deployment's, else one that is started here. Webhooks come to `webhookUrl`. */
async function realRecorder(webhookUrl: string): Promise<{ readonly server: LivekitAccess; close(): Promise<void> }> {
  if (!deployment) return startRecorderAndServer(recorderBinary!, webhookUrl);
  return { server: deployment.livekit, close: await routeWebhooks('*', webhookUrl) };
}

/** The recorder first: it waits for a server that is gone. */
async function startRecorderAndServer(binary: string, webhookUrl: string) {
  const server = await startLivekitWithRedis({ webhookUrl });
  const close = async (stop?: () => Promise<void>) => {
    await stop?.();
    await server.stop();
  };
  const stop = await startLivekitEgress(binary, { livekit: server, redisAddress: server.redisAddress }).catch(
    async (error: unknown) => {
      await close();
      throw error;
    },
  );
  return { server, close: () => close(stop) };
}

/** A recorder for a world of calls. */
export interface CallRecorder {
  /** Of `openCallWorld`: what is recorded comes into a folder of its own. */
  readonly options: Pick<CallWorldOptions, 'front' | 'livekit'> & {
    readonly settings: Readonly<Record<string, string>>;
  };
  /** Where requests of this world go. */
  reached(world: CallWorld): LivekitAccess;
  /** What LiveKit has of recordings in this room. */
  list(world: CallWorld, room: string): Promise<readonly EgressInfo[]>;
  /** See `wordsRecorded`. */
  words(world: CallWorld, info: EgressInfo): Promise<readonly (readonly string[])[]>;
  close(): Promise<void>;
}

export async function openCallRecorder(): Promise<CallRecorder> {
  const { livekit, close } = recordsForReal ? await realCallRecorder() : { livekit: undefined };
  const folder = await newFolder();
  const reached = ({ front }: CallWorld): LivekitAccess =>
    livekit ?? { ...sharedLivekit(), url: front!.url, httpUrl: front!.httpUrl };
  return {
    options: { ...(livekit ? { livekit } : { front: {} }), settings: { STORAGE_DISK: `local://${folder}` } },
    reached,
    list(world, roomName) {
      const { httpUrl, apiKey, apiSecret } = reached(world);
      return new EgressClient(httpUrl, apiKey, apiSecret).listEgress({ roomName });
    },
    words: ({ front }, { egressId, fileResults }) => wordsRecorded(front, egressId, fileResults[0]!.location),
    async close() {
      await close?.();
      await rm(folder, { recursive: true });
    },
  };
}

async function realCallRecorder() {
  if (deployment) return { livekit: deployment.livekit };
  const { server: livekit, close } = await startRecorderAndServer(recorderBinary!, hubWebhookUrl());
  return { livekit, close };
}

/** Words in a recording that is over, by the channels of its file. The front's file is silent: what its recorder heard is in one. */
export async function wordsRecorded(
  front: FrontWorld['front'] | undefined,
  egressId: string,
  location: string,
): Promise<readonly (readonly string[])[]> {
  if (!front) return recordedWords(location);
  const { pcm } = await front.job(egressId)!.phone()!.recording();
  return [wordsIn(pcm)];
}
