import { Redis } from 'ioredis';
import { RoomServiceClient } from 'livekit-server-sdk';
import { inject } from 'vitest';
import { freeTcpPort, freeUdpPort } from '../../tools/lib/ports.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { startRedis } from '../../tools/services/redis.ts';
import { eventually } from './call-eventually.ts';
import { newRoomName } from './hub.ts';
import type { LivekitAccess } from './services.ts';

/** A LiveKit of one test, that can die under a call. */
export interface MortalLivekit {
  readonly access: LivekitAccess;
  /** Where calls are to be made so that they die with it. */
  room(): Promise<string>;
  /** Dies at once. Settles when whatever takes its place is there. */
  die(): Promise<void>;
  stop(): Promise<void>;
}

const options = async () => ({
  binary: (await findLivekitServer())!,
  webhookUrl: `${inject('webhookHubUrl')}/webhook`,
});

const accessOf = ({ url, httpUrl, apiKey, apiSecret }: LivekitAccess): LivekitAccess => ({
  url,
  httpUrl,
  apiKey,
  apiSecret,
});

/** One server, which is started again after a while. */
export async function serverThatRestarts(goneMs: number): Promise<MortalLivekit> {
  const given = await options();
  const first = await startLivekitServer(given);
  let second: Awaited<ReturnType<typeof startLivekitServer>> | undefined;
  return {
    access: accessOf(first),
    room: async () => newRoomName(),
    async die() {
      await first.stop();
      await new Promise((resolve) => setTimeout(resolve, goneMs));
      second = await startLivekitServer({ ...given, at: first });
    },
    async stop() {
      await first.stop();
      await second?.stop();
    },
  };
}

/** Two nodes on one Redis: everybody signals through one, and the rooms are at the other, which dies for good. */
export async function nodeThatDies(): Promise<MortalLivekit> {
  const given = await options();
  const redis = await startRedis();
  const client = new Redis(redis.url);
  const nodes = (count: number) =>
    eventually(
      () => client.hkeys('nodes'),
      ({ length }) => length === count,
    );
  const shared = { ...given, redisAddress: redis.address };
  const home = await startLivekitServer(shared);
  const [nodeId] = await nodes(1);
  const at = { ...accessOf(home), port: await freeTcpPort(), udpPort: await freeUdpPort() };
  const door = await startLivekitServer({ ...shared, at });
  await nodes(2);
  client.disconnect();
  const api = new RoomServiceClient(door.httpUrl, door.apiKey, door.apiSecret);
  return {
    access: accessOf(door),
    async room() {
      const name = newRoomName();
      await api.createRoom({ name, nodeId: nodeId! });
      return name;
    },
    die: () => home.stop(),
    async stop() {
      await Promise.all([home.stop(), door.stop()]);
      await redis.stop();
    },
  };
}
