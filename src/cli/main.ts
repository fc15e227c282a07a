import { redact } from '../failure.ts';
import { exitCodes } from './command.ts';
import { runCommand } from './commands.ts';
import { takesColours } from './style.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(text),
  random: Math.random,
  colours: takesColours(process.stdout, process.env),
  signal: stop.signal,
}).catch((error: unknown) => {
  process.stderr.write(`voicechart: ${redact(error instanceof Error ? error.message : String(error))}\n`);
  return exitCodes.failed;
});

// Whatever still hangs keeps nobody waiting.
setTimeout(() => process.exit(), 1500).unref();
