import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RoomServiceClient } from 'livekit-server-sdk';
import { type Emulators, startEmulators } from '../../emulators/all.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { type OwnedChild, spawnOwned } from '../../tools/lib/owned.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A livekit-server whose webhooks come to this machine, emulated vendors, and the command line beside them. */
export interface DoctorWorld {
  readonly env: Readonly<Record<string, string>>;
  readonly emulators: Emulators;
  /** Names of all rooms there are. */
  rooms(): Promise<readonly string[]>;
  /** Whether an agent is in one of them. */
  isAgentThere(): Promise<boolean>;
  /** The command line as a process of its own. */
  start(args: readonly string[], more?: Readonly<Record<string, string>>): OwnedChild;
  /** `voicechart doctor --json`, and how long it took. */
  doctor(
    args?: readonly string[],
    more?: Readonly<Record<string, string>>,
  ): Promise<{ readonly code: number | null; readonly findings: readonly Finding[]; readonly tookMs: number }>;
  close(): Promise<void>;
}

export async function openDoctorWorld(): Promise<DoctorWorld> {
  const [emulators, folder] = await Promise.all([startEmulators(), mkdtemp(join(tmpdir(), 'voicechart-doctor-'))]);
  const [webhook, api, health] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()];
  const binary = await findLivekitServer({});
  const webhookUrl = `http://127.0.0.1:${webhook}/webhooks/livekit`;
  const server = await startLivekitServer({ binary: binary!, webhookUrl });
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...emulators.env,
    LIVEKIT_URL: server.url,
    LIVEKIT_API_KEY: server.apiKey,
    LIVEKIT_API_SECRET: server.apiSecret,
    AGENTS: join(root, 'agents', 'receptionist.ts'),
    DATA_DIR: join(folder, 'data'),
    WEBHOOK_ADDR: `127.0.0.1:${webhook}`,
    API_ADDR: `127.0.0.1:${api}`,
    HEALTH_ADDR: `127.0.0.1:${health}`,
  };
  const rooms = new RoomServiceClient(server.httpUrl, server.apiKey, server.apiSecret);
  const main = join(root, 'src', 'cli', 'main.ts');
  const start: DoctorWorld['start'] = (args, more = {}) =>
    spawnOwned(process.execPath, [main, ...args], { env: { ...env, ...more }, cwd: folder });
  return {
    env,
    emulators,
    start,
    rooms: async () => (await rooms.listRooms()).map(({ name }) => name),
    async isAgentThere() {
      const names = (await rooms.listRooms()).map(({ name }) => name);
      const there = await Promise.all(names.map((name) => rooms.listParticipants(name).catch(() => [])));
      return there.flat().some(({ identity }) => identity.startsWith('agent'));
    },
    async doctor(args = [], more = {}) {
      const startedAt = performance.now();
      const written: string[] = [];
      const child = start(['doctor', '--json', ...args], more);
      child.process.stdout?.on('data', (text: string) => written.push(text));
      const { code } = await child.exited;
      const { findings } = JSON.parse(written.join('')) as { findings: readonly Finding[] };
      return { code, findings, tookMs: performance.now() - startedAt };
    },
    async close() {
      await server.stop();
      await emulators.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
