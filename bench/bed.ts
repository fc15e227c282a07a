import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Emulators, startEmulators } from '../emulators/all.ts';
import { type PhoneProcess, startPhoneProcess } from '../emulators/phone/process.ts';
import { atEnd } from '../tools/lib/owned.ts';
import { freeTcpPort } from '../tools/lib/ports.ts';
import { findLivekitServer, type RunningServer, startLivekitServer } from '../tools/services/livekit-server.ts';
import { accessTo, type InstanceAccess } from '../tools/stack/access.ts';
import { type InstanceProcess, startInstanceProcess } from '../tools/stack/instance-process.ts';
import { benchRules } from './agent-base.ts';

/** A webhook that came to the instance, by the instance's own account. */
export interface WebhookNote {
  readonly arrivedMs: number;
  /** LiveKit's name of what happened. */
  readonly event: string;
  /** `stored`: the caller's, by which a call begins. */
  readonly outcome: string;
}

/** Everything that a benchmark needs, on this machine: a LiveKit server, emulated vendors, phones; instances come and go. */
export interface Bed {
  readonly server: RunningServer;
  readonly emulators: Emulators;
  readonly phones: PhoneProcess;
  /** The one instance that gets the webhooks. Stop it before the next one. */
  startInstance(): Promise<BenchInstance>;
  close(): Promise<void>;
}

export interface BenchInstance extends InstanceProcess {
  readonly access: InstanceAccess;
  /** Since the start. */
  readonly webhookNotes: readonly WebhookNote[];
}

const agents = fileURLToPath(new URL('agents', import.meta.url));

/** The vendors' times are those of the issue: final 150 ms after the last sound, first token 250 ms, voice 130 ms. */
export async function openBed(tell: (line: string) => void): Promise<Bed> {
  const binary = await findLivekitServer({ progress: tell });
  if (!binary) throw new Error('no livekit-server: install Go 1.24 or newer, Docker or livekit-server');
  const webhookAddr = `127.0.0.1:${await freeTcpPort()}`;
  const [server, emulators, phones] = await Promise.all([
    startLivekitServer({ binary, webhookUrl: `http://${webhookAddr}/webhooks/livekit` }),
    startEmulators({
      deepgram: { interimFirstMs: 300, interimEveryMs: 250, finalMs: 150, endOfTurnMs: 150 },
      openai: { rules: benchRules, settings: { firstTokenMs: 250, tokenMs: 20 } },
      cartesia: { settings: { firstAudioMs: 130 } },
    }),
    startPhoneProcess(),
  ]);
  return {
    server,
    emulators,
    phones,
    startInstance: () => startInstance(server, emulators, webhookAddr),
    close: async () => void (await Promise.all([phones.close(), emulators.close(), server.stop()])),
  };
}

async function startInstance(server: RunningServer, emulators: Emulators, webhookAddr: string): Promise<BenchInstance> {
  const dataDir = mkdtempSync(join(tmpdir(), 'voicechart-bench-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  const release = atEnd(remove);
  const webhookNotes: WebhookNote[] = [];
  const instance = await startInstanceProcess(
    {
      ...emulators.env,
      LIVEKIT_URL: server.url,
      LIVEKIT_API_KEY: server.apiKey,
      LIVEKIT_API_SECRET: server.apiSecret,
      WEBHOOK_ADDR: webhookAddr,
      API_ADDR: '127.0.0.1:0',
      HEALTH_ADDR: '127.0.0.1:0',
      DATA_DIR: dataDir,
      AGENTS: agents,
      LOG_LEVEL: 'debug',
      VOICECHART_ENV: 'production',
    },
    { logLine: (line) => noteOf(line, webhookNotes) },
  );
  return {
    ...instance,
    webhookNotes,
    access: await accessTo(dataDir),
    async stop(withinMs) {
      await instance.stop(withinMs ?? 5000);
      remove();
      release();
    },
  };
}

function noteOf(line: string, notes: WebhookNote[]): void {
  if (!line.includes('"code":"webhook"')) return;
  const { time, tookMs, outcome, detail } = JSON.parse(line) as Record<'time' | 'outcome' | 'detail', string> & {
    tookMs: number;
  };
  notes.push({ arrivedMs: Date.parse(time) - tookMs, event: detail, outcome });
}
