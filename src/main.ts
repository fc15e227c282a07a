import { systemClock } from './clock.ts';
import { showAddress } from './config.ts';
import { redact } from './failure.ts';
import { createLogger, type Logger } from './runtime/log.ts';
import { livekitLines } from './wiring/call-lines.ts';
import { openPosture } from './wiring/care.ts';
import { type Doors, openDoors } from './wiring/doors.ts';
import { createHosts } from './wiring/hosts.ts';
import { type Instance, openInstance } from './wiring/instance.ts';
import { tellLeftAlone } from './wiring/left-alone.ts';
import { openProbes } from './wiring/probes.ts';
import { readStart, type Start } from './wiring/start.ts';

const exitConfig = 78;
const exitUnavailable = 69;
const graceMs = 1000;

/** Starts one instance from the environment and keeps it until a signal. */
async function main(): Promise<void> {
  const asked = nextSignal();
  const running = await Promise.race([begin(), asked]);
  // Asked before it opened its doors: what calls it took up again are in the store.
  if (typeof running === 'string') process.exit(0);

  const signal = await asked;
  running.log.info({ code: 'stopping', signal }, 'stopping');
  await running.instance.drain();
  await running.instance.close();
  await running.doors.close({ graceMs });
  process.disconnect?.();
}

interface Running {
  readonly instance: Instance;
  readonly doors: Doors;
  readonly log: Logger;
}

async function begin(): Promise<Running> {
  const reading = await readStart(process.env);
  return 'problems' in reading ? refuse(reading.problems) : open(reading);
}

async function open({ config, secrets, agents }: Start): Promise<Running> {
  const log = createLogger({ level: config.logLevel });
  tellLeftAlone(log);
  const clock = systemClock;
  const posture = openPosture(log);
  const lines = await livekitLines({ config, secrets, hosts: createHosts(config, posture), clock });
  const parts = { config, secrets, agents, lines, posture, clock, log };
  const probes = await openProbes({ ...parts, livekitUrl: () => config.livekitUrl });
  const instance = await openInstance({ ...parts, probes });
  const doors = await openDoors({ config, secrets, instance, clock, log });
  log.info(
    {
      code: 'started',
      agents: agents.map(({ name }) => name),
      webhooks: `${doors.webhooks.url}/webhooks/livekit`,
      console: `${doors.api.url}/console/`,
      health: showAddress(doors.health.address),
    },
    'taking calls',
  );
  process.send?.({ type: 'started', webhooks: doors.webhooks.url, api: doors.api.url, health: doors.health.url });
  return { instance, doors, log };
}

/** An agent's file may have opened what would keep the process alive. */
function refuse(problems: readonly string[]): never {
  process.stderr.write(`Voicechart cannot start: ${problems.length} problem(s) in its settings and agents.\n`);
  for (const problem of problems) process.stderr.write(`  ${problem}\n`);
  process.exit(exitConfig);
}

/**
 * The first thing that asks to stop, from the first moment on: a signal, or that the parent is gone. A second signal ends the process
 * at once.
 */
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (name: string) => {
      asked = true;
      resolve(name);
    };
    const signalled = (name: string) => () => (asked ? process.exit(130) : stop(name));
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, signalled(name));
    // It lets go of its parent itself at the end.
    process.on('disconnect', () => stop('parent gone'));
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Voicechart stopped: ${redact(error instanceof Error ? error.message : String(error))}\n`);
  // What was opened before it failed would keep the process alive.
  process.exit(exitUnavailable);
}
