import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { atEnd, endNow } from '../lib/owned.ts';

/** An instance of its own process, started as `npm start` does. */
export interface InstanceProcess {
  readonly pid: number;
  readonly webhooks: string;
  readonly api: string;
  readonly health: string;
  /** Asks it to stop, and kills it when it has not within `withinMs`. Idempotent. */
  stop(withinMs?: number): Promise<void>;
  readonly exited: Promise<number | null>;
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const startWithinMs = 60_000;
/** As in the script `start`. Left to itself V8 lets the space for new objects grow to 128 MB, whatever few calls there are. */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=4'];

/** Resolves when it takes calls; rejects with what it printed when it ends before. It ends with this process, however that ends. */
export function startInstanceProcess(
  env: Readonly<Record<string, string>>,
  options: { readonly logLine?: (line: string) => void } = {},
): Promise<InstanceProcess> {
  const child = fork(main, [], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    execArgv: [...nodeFlags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const release = atEnd(() => endNow(child.pid));
  child.once('exit', release);
  const printed: string[] = [];
  const take = (data: Buffer) => {
    for (const line of data.toString('utf8').split('\n').filter(Boolean)) {
      if (printed.length < 200) printed.push(line);
      options.logLine?.(line);
    }
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  let stopping: Promise<void> | undefined;
  const stop = async (withinMs = 1500) => {
    if (child.exitCode === null) child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await exited;
    clearTimeout(kill);
  };
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the instance did not start within ${startWithinMs} ms:\n${printed.join('\n')}`));
    }, startWithinMs);
    child.once('error', reject);
    child.once('message', (message: { webhooks: string; api: string; health: string }) => {
      clearTimeout(late);
      const { webhooks, api, health } = message;
      resolve({
        pid: child.pid ?? 0,
        webhooks,
        api,
        health,
        exited,
        stop: (withinMs) => (stopping ??= stop(withinMs)),
      });
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the instance ended with ${code}:\n${printed.join('\n')}`));
    });
  });
}
