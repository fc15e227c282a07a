import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import { type PhoneProcess, startPhoneProcess } from '../../emulators/phone/process.ts';
import { atEnd, endNow } from '../lib/owned.ts';
import { freeTcpPort } from '../lib/ports.ts';
import { findLivekitServer, type RunningServer, startLivekitServer } from '../services/livekit-server.ts';
import type { OnTheLine } from './caller.ts';
import { type Fleet, openFleet } from './fleet.ts';
import { chaosRules } from './questions.ts';
import { type CallsRedis, type RedisKind, startCallsRedis } from './redis.ts';
import { type Spreader, startSpreader } from './spreader.ts';

/** Everything chaos plays with, all on this machine. */
export interface Stack {
  readonly livekit: RunningServer;
  /** Kills LiveKit and starts it again at the same place. */
  restartLivekit(): Promise<void>;
  /** LiveKit has none. */
  readonly redis: CallsRedis;
  readonly emulators: Emulators;
  readonly fleet: Fleet;
  readonly spreader: Spreader;
  readonly phones: PhoneProcess;
  /** Callers who have been greeted, until they hang up. */
  readonly onTheLine: Set<OnTheLine>;
  /** Keys of bookings, one for each time that one was begun. */
  bookings(): readonly string[];
  close(): Promise<void>;
}

const agentsFile = fileURLToPath(new URL('./agent.ts', import.meta.url));

interface StackOptions {
  /** Of what happens on the way of webhooks. */
  readonly random: () => number;
  readonly redis: RedisKind;
  readonly tell: (line: string) => void;
  /** Each line of an instance's log. */
  readonly logLine: (line: string) => void;
}

export async function openStack({ random, redis: redisKind, tell, logLine }: StackOptions): Promise<Stack> {
  const binary = await findLivekitServer({ env: process.env, progress: tell });
  if (!binary) throw new Error('chaos needs a livekit-server: install Go 1.24 or newer, or start Docker');
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-chaos-tools-'));
  const release = atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const bookingsFile = join(folder, 'bookings');
  writeFileSync(bookingsFile, '');
  const [port, redis, emulators, phones] = await Promise.all([
    freeTcpPort(),
    startCallsRedis(redisKind),
    startEmulators({ openai: { rules: chaosRules } }),
    startPhoneProcess(),
  ]);
  const releasePhones = atEnd(() => endNow(phones.pid));
  const webhookUrl = `http://127.0.0.1:${port}/webhooks/livekit`;
  let livekit = await startLivekitServer({ binary, webhookUrl });
  const { url, apiKey, apiSecret } = livekit;
  const settings = {
    ...emulators.env,
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    REDIS_URL: redis.url,
    AGENTS: agentsFile,
    CHAOS_BOOKINGS: bookingsFile,
    DRAIN_SECONDS: '2',
    NODE_ENV: 'production',
  };
  const fleet = await openFleet(settings, logLine);
  const doors = () => fleet.living().map(({ webhooks }) => `${webhooks}/webhooks/livekit`);
  const spreader = await startSpreader({ port, random, doors, apiKey });
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
    onTheLine: new Set(),
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
