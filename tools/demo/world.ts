import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import { startPhoneProcess } from '../../emulators/phone/process.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { atEnd, endNow } from '../lib/owned.ts';
import { startRedis } from '../services/redis.ts';
import { accessTo, type InstanceAccess } from '../stack/access.ts';
import { startInstanceProcess } from '../stack/instance-process.ts';
import { demoRules, type DemoPhone } from './caller.ts';
import { type FoundLivekit, type Livekit, openLivekit } from './livekit.ts';
import { dialled, type World } from './world-shape.ts';
import { openInProcessWorld } from './in-process-world.ts';

export interface WorldOptions {
  /** Left out: the room is in-process. */
  readonly livekit: FoundLivekit | undefined;
  /** Calls run in processes of their own, which share a Redis. */
  readonly crash: boolean;
  /** Progress for people. */
  readonly tell: (line: string) => void;
  /** Structured log lines of the instance. */
  readonly log?: (line: string) => void;
}

const agentsFile = fileURLToPath(new URL('../../agents/receptionist.ts', import.meta.url));

/** LiveKit, vendors and one instance, all on this machine: by the real server, or without one in this process alone. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const { livekit, tell, crash } = options;
  const redis = crash ? await startRedis() : undefined;
  const emulators = await startEmulators({ openai: { rules: demoRules } });
  const dataDir = mkdtempSync(join(tmpdir(), 'voicechart-demo-'));
  const release = atEnd(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = livekit && (await openLivekit(livekit, tell));
  const settings = {
    ...emulators.env,
    DATA_DIR: dataDir,
    AGENTS: agentsFile,
    ...(redis && { REDIS_URL: redis.url, WORKERS: String(workers) }),
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: '127.0.0.1:0',
  };
  const access = await accessTo(dataDir);
  const world = server
    ? await openLivekitWorld(server, settings, emulators, access, options)
    : await openInProcessWorld(settings, emulators, access);
  return {
    ...world,
    async close() {
      await world.close();
      await Promise.all([emulators.close(), server?.stop(), redis?.stop()]);
      rmSync(dataDir, { recursive: true, force: true });
      release();
    },
  };
}

const workers = 2;

async function openLivekitWorld(
  server: Livekit,
  settings: Readonly<Record<string, string>>,
  emulators: Emulators,
  access: InstanceAccess,
  { log }: WorldOptions,
): Promise<World> {
  const [instance, phones] = await Promise.all([
    startInstanceProcess(
      {
        ...settings,
        LIVEKIT_URL: server.url,
        LIVEKIT_API_KEY: server.apiKey,
        LIVEKIT_API_SECRET: server.apiSecret,
        WEBHOOK_ADDR: server.webhookAddr,
      },
      log ? { logLine: log } : {},
    ),
    startPhoneProcess(),
  ]);
  const release = atEnd(() => endNow(phones.pid));
  void phones.gone.then(release);
  return {
    kind: 'livekit-server',
    api: instance.api,
    access,
    emulators,
    async dial(room, from) {
      const { url, apiKey, apiSecret } = server;
      return demoPhone(await phones.createPhone({ livekitUrl: url, apiKey, apiSecret, room, from, to: dialled }));
    },
    async close() {
      await Promise.all([instance.stop(1000), phones.close()]);
      release();
    },
  };
}

/** A phone of the emulators as the demo holds it. */
export function demoPhone(phone: Phone): DemoPhone {
  const rung = phone.when('ringing');
  const ended = phone.when('ended', () => true, 24 * 60 * 60_000).then(({ reason }) => reason);
  let joinedMs = Date.now();
  void rung.then(({ atMs }) => (joinedMs = atMs)).catch(() => undefined);
  return {
    say: (text) => phone.sayWords(text),
    digits: (keys) => phone.sendDigits(keys),
    heard: () => phone.heard(),
    hears: (text, afterMs, withinMs = 25_000) =>
      phone.when('heard.word', (word) => text.test(word.text) && word.startMs > afterMs, withinMs),
    get joinedMs() {
      return joinedMs;
    },
    ended,
    hangUp: () => phone.hangUp(),
  };
}

/** A room as a dispatch rule would name it. */
export const newRoom = (from: string): string => `voice-ai-call-_${from}_${randomBytes(6).toString('hex')}`;
