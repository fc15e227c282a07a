import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import { startPhoneProcess } from '../../emulators/phone/process.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { atEnd } from '../lib/owned.ts';
import { freeTcpPort } from '../lib/ports.ts';
import { findLivekitServer, startLivekitServer } from '../services/livekit-server.ts';
import { startInstanceProcess } from '../stack/instance-process.ts';
import { demoRules, type DemoPhone } from './caller.ts';
import { dialled, type World } from './world-shape.ts';
import { openInProcessWorld } from './in-process-world.ts';

export interface WorldOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Progress for people. */
  readonly tell: (line: string) => void;
  /** Structured log lines of the instance. */
  readonly log?: (line: string) => void;
}

const agentsFile = fileURLToPath(new URL('../../agents/receptionist.ts', import.meta.url));

/** LiveKit, vendors and one instance, all on this machine: by the real server, or without one in this process alone. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const { env, tell } = options;
  const emulators = await startEmulators({ openai: { rules: demoRules } });
  const dataDir = mkdtempSync(join(tmpdir(), 'voicechart-demo-'));
  const release = atEnd(() => rmSync(dataDir, { recursive: true, force: true }));
  const server = await livekit(env, tell);
  const settings = {
    ...emulators.env,
    DATA_DIR: dataDir,
    AGENTS: agentsFile,
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: '127.0.0.1:0',
  };
  const world = server
    ? await openLivekitWorld(server, settings, emulators, options)
    : await openInProcessWorld(settings, emulators);
  return {
    ...world,
    async close() {
      await world.close();
      await Promise.all([emulators.close(), server?.stop()]);
      rmSync(dataDir, { recursive: true, force: true });
      release();
    },
  };
}

interface Livekit {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly webhookAddr: string;
  stop(): Promise<void>;
}

async function livekit(env: WorldOptions['env'], tell: WorldOptions['tell']): Promise<Livekit | undefined> {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = env;
  if (url) {
    if (!apiKey || !apiSecret)
      throw new Error('LIVEKIT_URL is set: LIVEKIT_API_KEY and LIVEKIT_API_SECRET must be too');
    tell(`LiveKit       ${url} (LIVEKIT_URL); its webhooks must go to http://127.0.0.1:8080/webhooks/livekit`);
    return {
      url,
      apiKey,
      apiSecret,
      webhookAddr: env['WEBHOOK_ADDR'] ?? '127.0.0.1:8080',
      stop: () => Promise.resolve(),
    };
  }
  const binary = await findLivekitServer({ progress: tell });
  if (!binary) return withoutServer(env);
  const webhookAddr = `127.0.0.1:${await freeTcpPort()}`;
  const server = await startLivekitServer({ binary, webhookUrl: `http://${webhookAddr}/webhooks/livekit` });
  tell(`LiveKit       ${server.url}  (a livekit-server of its own)`);
  return {
    url: server.url,
    apiKey: server.apiKey,
    apiSecret: server.apiSecret,
    webhookAddr,
    stop: () => server.stop(),
  };
}

function withoutServer(env: WorldOptions['env']): undefined {
  if (env['CI'])
    throw new Error('no livekit-server: put one on the PATH, or install Go 1.24 or newer, or start Docker');
  return undefined;
}

async function openLivekitWorld(
  server: Livekit,
  settings: Readonly<Record<string, string>>,
  emulators: Emulators,
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
  return {
    kind: 'livekit-server',
    api: instance.api,
    emulators,
    async dial(room, from) {
      const { url, apiKey, apiSecret } = server;
      return demoPhone(await phones.createPhone({ livekitUrl: url, apiKey, apiSecret, room, from, to: dialled }));
    },
    close: async () => void (await Promise.all([instance.stop(1000), phones.close()])),
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
