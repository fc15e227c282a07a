import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildEars, WorkerChild } from '../../runtime/workers/seat.ts';

// tsc leaves this name as it is: the file has the ending of this one, .ts or .js.
const file = fileURLToPath(new URL(`../../worker-main${import.meta.url.slice(-3)}`, import.meta.url));

/** Starts a process that runs calls. It has the settings and the output of this one. */
export function forkWorker(ears: ChildEars, script = file): WorkerChild {
  const child = fork(script, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.on('message', ears.message);
  child.on('error', (error) => ears.gone(error.message));
  child.once('exit', (code, signal) => ears.gone(signal === null ? `code ${code}` : `signal ${signal}`));
  return {
    pid: child.pid ?? 0,
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
  };
}
