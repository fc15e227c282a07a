import { redact } from './failure.ts';
import type { FromWorker } from './runtime/workers/messages.ts';
import type { Parent } from './wiring/worker.ts';

/** A process without its instance is of no use to anybody: its calls are taken up by others. */
const graceMs = 400;

function parentOf(): Parent {
  const leaving = Promise.withResolvers<void>();
  const early: unknown[] = [];
  let listener: ((message: unknown) => void) | undefined;
  process.on('message', (message) => {
    if (listener) listener(message);
    else early.push(message);
  });
  process.on('disconnect', () => {
    setTimeout(() => process.exit(0), graceMs);
    leaving.resolve();
  });
  return {
    send: (message: FromWorker, sent) => void (process.connected && process.send!(message, () => sent?.())),
    hear(told) {
      listener = told;
      early.splice(0).forEach(told);
    },
    leaving: leaving.promise,
    leave: leaving.resolve,
  };
}

// A terminal asks all processes of a group to stop: the instance says what becomes of the calls.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);

try {
  if (!process.connected) throw new Error('it is started by an instance, with `voicechart start --workers`');
  const parent = parentOf();
  // After it is known when to leave: loading takes longer than that may.
  const [{ readStart }, { runWorkerProcess }] = await Promise.all([
    import('./wiring/start.ts'),
    import('./wiring/worker.ts'),
  ]);
  const reading = await readStart(process.env);
  if ('problems' in reading) throw new Error(reading.problems.join('; '));
  await runWorkerProcess(reading, parent);
  process.exit(0);
} catch (error) {
  process.stderr.write(
    `A Voicechart worker stopped: ${redact(error instanceof Error ? error.message : String(error))}\n`,
  );
  process.exit(69);
}
