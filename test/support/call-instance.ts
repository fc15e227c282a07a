import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, agent, type AgentOptions, isAgent } from '../../src/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import type { KeyRing } from '../../src/key-ring.ts';
import { createLogger, type Logger } from '../../src/runtime/log.ts';
import { type Lines, livekitLines } from '../../src/wiring/call-lines.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { type Doors, openDoors } from '../../src/wiring/doors.ts';
import { createHosts } from '../../src/wiring/hosts.ts';
import { type Instance, openInstance } from '../../src/wiring/instance.ts';
import { openProbes } from '../../src/wiring/probes.ts';
import { accessTo, type InstanceAccess } from '../../tools/stack/access.ts';
import { roomsElsewhere } from './hub.ts';
import type { LivekitAccess } from './services.ts';
import { shortAgent } from './short-agent.ts';

/** An instance in the process of the test, with its doors on free ports and a data folder of its own. */
export interface TestInstance {
  readonly instance: Instance;
  readonly doors: Doors;
  readonly dataDir: string;
  /** How an operator comes in. */
  readonly access: InstanceAccess;
  readonly keys: KeyRing;
  /** Lets go of everything but the native library, which other instances of this process may use. */
  close(): Promise<void>;
}

/** Thinking ahead is off: it has its own tests. */
const tester: AgentOptions = { ...shortAgent, name: 'tester', speculate: false };

export async function openTestInstance(options: {
  readonly livekit: LivekitAccess;
  /** Settings that lead to the emulated vendors. */
  readonly env: Readonly<Record<string, string>>;
  readonly agent?: Agent | Partial<AgentOptions> | undefined;
  /** Silent unless given. */
  readonly log?: Logger | undefined;
  /** Of an instance before this one, which it goes on for; a fresh one by default. */
  readonly dataDir?: string;
  /** The health watch looks at LiveKit and the vendors; left out, it looks at nothing. */
  readonly isWatched?: boolean | undefined;
}): Promise<TestInstance> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'voicechart-call-'));
  const { config, secrets } = settingsFor(options.livekit, options.env, dataDir);
  const log = options.log ?? createLogger({ level: 'silent' });
  const posture = openPosture(log);
  const parts = { config, secrets, clock: systemClock, log, posture };
  const opening = livekitLines({ ...parts, hosts: createHosts(config, posture) });
  let doorUrl: string | undefined;
  const lines = { ...alone(await opening, () => doorUrl), close: () => Promise.resolve() };
  const agents = [agentOf(options.agent)];
  const probes = options.isWatched
    ? { probes: await openProbes({ ...parts, agents, lines, livekitUrl: () => config.livekitUrl }) }
    : {};
  const instance = await openInstance({ ...parts, agents, lines, ...probes });
  const doors = await openDoors({ ...parts, instance });
  doorUrl = doors.webhooks.url;
  return {
    instance,
    doors,
    dataDir,
    access: await accessTo(dataDir),
    keys: secrets.livekitKeys,
    async close() {
      await instance.close();
      await doors.close({ graceMs: 0 });
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Lines whose lists leave out the rooms of other tests' instances: in production all instances of one server know the same calls. */
function alone(lines: Lines, doorUrl: () => string | undefined): Lines {
  const control = lines.control!;
  const list: typeof control.rooms.list = async (names) => {
    const [rooms, elsewhere] = await Promise.all([control.rooms.list(names), roomsElsewhere(doorUrl() ?? 'nowhere')]);
    return rooms.filter(({ name }) => !elsewhere.has(name));
  };
  return { ...lines, control: { ...control, rooms: { ...control.rooms, list } } };
}

const agentOf = (given: Agent | Partial<AgentOptions> = {}): Agent =>
  isAgent(given) ? given : agent({ ...tester, ...given });

function settingsFor(livekit: LivekitAccess, env: Readonly<Record<string, string>>, dataDir: string) {
  const reading = readConfig({
    ...env,
    LIVEKIT_URL: livekit.url,
    ...(env['LIVEKIT_KEYS_FILE'] === undefined && {
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
    }),
    DATA_DIR: dataDir,
    WEBHOOK_ADDR: '127.0.0.1:0',
    API_ADDR: '127.0.0.1:0',
    HEALTH_ADDR: '127.0.0.1:0',
    LOG_LEVEL: 'silent',
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return reading;
}
