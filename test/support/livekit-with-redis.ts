import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { startRedis } from '../../tools/services/redis.ts';
import type { LivekitAccess } from './services.ts';

export interface LivekitWithRedis extends LivekitAccess {
  /** `host:port`. */
  readonly redisAddress: string;
  stop(): Promise<void>;
}

/** A livekit-server with a Redis, without which SIP does not answer, for one file of tests. Both end with this process, however that ends. */
export async function startLivekitWithRedis(options: { readonly webhookUrl?: string } = {}): Promise<LivekitWithRedis> {
  const binary = await findLivekitServer();
  if (!binary) throw new Error('livekit-server is missing: `npm test` says where it may come from');
  const store = await startRedis();
  const server = await startLivekitServer({ binary, redisAddress: store.address, ...options });
  const { url, httpUrl, apiKey, apiSecret } = server;
  const stop = async () => {
    await server.stop();
    await store.stop();
  };
  return { url, httpUrl, apiKey, apiSecret, redisAddress: store.address, stop };
}
