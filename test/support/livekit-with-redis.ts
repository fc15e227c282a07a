import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { findRedisServer, startRedis } from '../../tools/services/redis.ts';
import { deployment } from './deployment.ts';
import type { LivekitAccess } from './services.ts';

const binary = await findLivekitServer();
const redis = findRedisServer();

const { CI, LIVEKIT_SIP_BIN, LIVEKIT_EGRESS_BIN } = process.env;
const mustStart = Boolean(CI || LIVEKIT_SIP_BIN || LIVEKIT_EGRESS_BIN || deployment);

/** SIP answers with Redis only. False where there are no servers and need not be. */
export const canStartLivekit = (binary !== undefined && redis !== undefined) || mustStart;

export interface LivekitWithRedis extends LivekitAccess {
  /** `host:port`. */
  readonly redisAddress: string;
  stop(): Promise<void>;
}

/** A livekit-server with a Redis, for one file of tests. Both end with this process, however that ends. */
export async function startLivekitWithRedis(options: { readonly webhookUrl?: string } = {}): Promise<LivekitWithRedis> {
  const store = await startRedis();
  const server = await startLivekitServer({ binary: binary!, redisAddress: store.address, ...options });
  const { url, httpUrl, apiKey, apiSecret } = server;
  const stop = async () => {
    await server.stop();
    await store.stop();
  };
  return { url, httpUrl, apiKey, apiSecret, redisAddress: store.address, stop };
}
