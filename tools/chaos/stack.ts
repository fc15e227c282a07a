import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import { type PhoneProcess, startPhoneProcess } from '../../emulators/phone/process.ts';
import { atEnd, endNow } from '../lib/owned.ts';
import { freeTcpPort } from '../lib/ports.ts';
import { findLivekitServer, type RunningServer, startLivekitServer } from '../services/livekit-server.ts';
import { type RunningRedis, startRedis } from '../services/redis.ts';
import { type Fleet, openFleet } from './fleet.ts';
import { chaosRules } from './questions.ts';
import { type Spreader, startSpreader } from './spreader.ts';

/** Everything chaos plays with, all on this machine. */
export interface Stack {
  readonly livekit: RunningServer;
  /** Kills LiveKit and starts it again at the same place. */
  restartLivekit(): Promise<void>;
  readonly redis: RunningRedis;
  readonly emulators: Emulators;
  readonly fleet: Fleet;
  readonly spreader: Spreader;
  readonly phones: PhoneProcess;
  /** Keys of bookings, one for each time that one was begun. */
  bookings(): readonly string[];
  close(): Promise<void>;
}

const agentsFile = fileURLToPath(new URL('./agent.ts', import.meta.url));

export async function openStack(random: () => number, tell: (line: string) => void): Promise<Stack> {
  const binary = await findLivekitServer({ env: process.env, progress: tell });
  if (!binary) throw new Error('chaos needs a livekit-server: install Go 1.24 or newer, or start Docker');
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-chaos-tools-'));
  const release = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const bookingsFile = join(folder, 'bookings');
  writeFileSync(bookingsFile, '');
  const [port, redis, emulators, phones] = await Promise.all([
    freeTcpPort(),
    startRedis(),
    startEmulators({ openai: { rules: chaosRules } }),
    startPhoneProcess(),
  ]);
  const releasePhones = atEnd(() => endNow(phones.pid));
  const webhookUrl = `http://127.0.0.1:${port}/webhooks/livekit`;
  let livekit = await startLivekitServer({ binary, webhookUrl });
  const { url, apiKey, apiSecret } = livekit;
  const fleet = await openFleet({
    ...emulators.env,
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    REDIS_URL: redis.url,
    AGENTS: agentsFile,
    CHAOS_BOOKINGS: bookingsFile,
    NODE_ENV: 'production',
  });
  const doors = () => fleet.living().map(({ webhooks }) => `${webhooks}/webhooks/livekit`);
  const spreader = await startSpreader(port, random, doors);
  return {
    get livekit() {
      return livekit;
    },
    async restartLivekit() {
      const { port, udpPort } = livekit;
      await livekit.stop();
      livekit = await startLivekitServer({ binary, webhookUrl, at: { port, udpPort, apiKey, apiSecret } });
    },
    redis,
    emulators,
    fleet,
    spreader,
    phones,
    bookings: () => readFileSync(bookingsFile, 'utf8').split('\n').filter(Boolean),
    async close() {
      await phones.close();
      await Promise.all([fleet.close(), spreader.close()]);
      await Promise.all([livekit.stop(), redis.stop(), emulators.close()]);
      rmSync(folder, { recursive: true, force: true });
      release();
      releasePhones();
    },
  };
}
