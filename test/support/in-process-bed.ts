import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import { inProcessRecorder } from '../../src/adapters/in-process/no-recorder.ts';
import { inProcessTelephones } from '../../src/adapters/in-process/no-telephones.ts';
import type { InProcessRoom } from '../../src/adapters/in-process/room.ts';
import type { Transfer } from '../../src/actors/transfer.ts';
import { type Agent, agent, type AgentOptions } from '../../src/agent.ts';
import { type Config, readConfig, type Secrets } from '../../src/config.ts';
import type { Lines } from '../../src/wiring/call-lines.ts';
import { shortAgent } from './short-agent.ts';

export const testerWith = (more: Partial<AgentOptions> = {}): Agent =>
  agent({ ...shortAgent, name: 'tester', ...more });

export interface InProcessBed {
  readonly emulators: Emulators;
  readonly config: Config;
  readonly secrets: Secrets;
}

/** Emulated vendors, a data folder and settings for them, without LiveKit. After the test `before` ends, then they go. */
export async function inProcessBed(
  settings: Readonly<Record<string, string>> = {},
  before: () => Promise<unknown> = async () => undefined,
): Promise<InProcessBed> {
  const emulators = await startEmulators();
  const dataDir = await mkdtemp(join(tmpdir(), 'voicechart-in-process-'));
  onTestFinished(async () => {
    await before();
    await emulators.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const reading = readConfig({
    ...emulators.env,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'a-secret-that-is-long-enough-for-livekit',
    DATA_DIR: dataDir,
    ...settings,
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return { emulators, ...reading };
}

/** Every call is in this room. */
export const inProcessLines = (room: InProcessRoom, transfer: Transfer = inProcessTelephones.transfer): Lines => ({
  open: ({ room: name, callerKey }) => ({
    ...room,
    ...inProcessTelephones,
    transfer,
    leg: { room: name, callerKey },
    close: async () => {},
  }),
  participants: { remove: () => Promise.resolve(undefined) },
  egress: inProcessRecorder,
  close: async () => {},
});
