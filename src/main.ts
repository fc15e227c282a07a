import { systemClock } from './clock.ts';
import { readConfig, requireVendors, showAddress } from './config.ts';
import { loadAgents } from './load-agents.ts';
import { createLogger } from './runtime/log.ts';
import { livekitLines } from './wiring/call-lines.ts';
import { openDoors } from './wiring/doors.ts';
import { openInstance } from './wiring/instance.ts';
import { vendorsOf } from './wiring/vendors.ts';

const exitConfig = 78;
const exitUnavailable = 69;
const graceMs = 1000;

/** Starts one instance from the environment and keeps it until a signal. */
async function main(): Promise<void> {
  const reading = readConfig(process.env);
  if ('problems' in reading) return refuse(reading.problems);
  const { config, secrets } = reading;
  const loaded = await loadAgents(config.agents);
  if ('problems' in loaded) return refuse(loaded.problems);
  const missing = requireVendors(secrets, loaded.agents.flatMap(vendorsOf));
  if (missing.length > 0) return refuse(missing);

  const log = createLogger({ level: config.logLevel });
  process.on('unhandledRejection', (error) =>
    log.error({ code: 'unhandled', error: String(error) }, 'a promise was left alone'),
  );
  const clock = systemClock;
  const lines = await livekitLines(config, secrets, clock);
  const instance = await openInstance({ config, secrets, agents: loaded.agents, lines, clock, log });
  const doors = await openDoors({ config, secrets, instance, clock, log });
  log.info(
    {
      code: 'started',
      agents: loaded.agents.map(({ name }) => name),
      webhooks: `${doors.webhooks.url}/webhooks/livekit`,
      console: `${doors.api.url}/console/`,
      health: showAddress(doors.health.address),
    },
    'taking calls',
  );
  process.send?.({ type: 'started', webhooks: doors.webhooks.url, api: doors.api.url, health: doors.health.url });

  const signal = await nextSignal();
  log.info({ code: 'stopping', signal }, 'stopping');
  await instance.close();
  await doors.close({ graceMs });
  process.disconnect?.();
}

function refuse(problems: readonly string[]): void {
  process.stderr.write(`Voicechart cannot start: ${problems.length} problem(s) in its settings.\n`);
  for (const problem of problems) process.stderr.write(`  ${problem}\n`);
  process.exitCode = exitConfig;
}

/** The first signal that asks to stop; a second one of them ends the process at once. */
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const stop = (name: string) => () => {
      if (asked) process.exit(130);
      asked = true;
      resolve(name);
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, stop(name));
    process.on('disconnect', stop('parent gone'));
  });
}

try {
  await main();
} catch (error) {
  process.stderr.write(`Voicechart stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  // What was opened before it failed would keep the process alive.
  process.exit(exitUnavailable);
}
