import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findOnPath } from './find-on-path.ts';

const lastWordsMs = 250;
const sweeps = new Set<() => void>();
let swept = false;

/** Runs `sweep` (synchronous, must not throw) when this process ends in any way it can still notice. Returns the release. */
export function atEnd(sweep: () => void): () => void {
  if (!swept) process.on('exit', runSweeps);
  swept = true;
  sweeps.add(sweep);
  return () => void sweeps.delete(sweep);
}

/** The last thing first: who writes into a folder ends before it is removed. */
function runSweeps(): void {
  for (const sweep of [...sweeps].toReversed()) sweep();
  sweeps.clear();
}

const goneWithinMs = 500;

/** SIGKILL to a child, for sweeps: on Linux it returns when the child is gone and writes nothing any more. */
export function endNow(pid: number | undefined): void {
  // One that never started has no number, and 0 would be our whole group.
  if (!pid) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  if (process.platform !== 'linux') return;
  const until = performance.now() + goneWithinMs;
  while (runs(pid) && performance.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** Until we collect it, which a sweep cannot, a dead child is a zombie. */
function runs(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
let ending = false;

/**
 * Sweeps and exits on Ctrl-C, SIGTERM and SIGHUP. For programs without signal handling of their own: one that has it
 * must end by `process.exit` or by itself, which sweeps too.
 */
export function endOnSignals(): void {
  if (ending) return;
  ending = true;
  for (const [signal, code] of Object.entries(exitCodes)) {
    // `on`, not `once`: under npm SIGINT comes twice, and the second would kill in mid-sweep.
    process.on(signal, () => {
      runSweeps();
      process.exit(code);
    });
  }
}

/** A child process that does not outlive us. */
export interface OwnedChild {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Settles when it is gone, however: `error` when it could not be started. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null; readonly error?: Error }>;
  /** False from the moment it is known to be gone. */
  alive(): boolean;
  /** The last 4,000 characters it wrote to stdout and stderr. */
  output(): string;
  /** Asks it and its children to end: SIGTERM. */
  terminate(): void;
  /** SIGKILL to it and its children, at once. Idempotent. */
  kill(): void;
  /** `kill`, and waits until it is gone. */
  stop(): Promise<void>;
}

export interface OwnedOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Written to its stdin, which is then closed. */
  readonly input?: string;
  /** Every piece of output as it comes. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Starts a child in a process group of its own that ends with us: swept at exit, and on Linux killed by the kernel
 * even when we are killed by SIGKILL.
 */
export function spawnOwned(command: string, args: readonly string[], options: OwnedOptions = {}): OwnedChild {
  const { env = process.env, cwd, input, onOutput } = options;
  const [file, argv] = underOurLife(command, args);
  const child = spawn(file, argv, { env, cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let tail = '';
  const take = (text: string) => {
    tail = (tail + text).slice(-4000);
    onOutput?.(text);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take);
  child.stdin.on('error', () => {});
  child.stdin.end(input);

  let gone = false;
  const signal = (name: NodeJS.Signals) => {
    if (!gone) signalGroup(child.pid, name);
  };
  const kill = () => signal('SIGKILL');
  const release = atEnd(kill);
  const exited = new Promise<Awaited<OwnedChild['exited']>>((resolve) => {
    const end = (result: Awaited<OwnedChild['exited']>) => {
      gone = true;
      release();
      resolve(result);
    };
    child.once('exit', (code, signal) => {
      gone = true;
      // Its last words may still be on their way; but a grandchild could hold the pipe for ever.
      const timer = setTimeout(end, lastWordsMs, { code, signal });
      child.once('close', () => {
        clearTimeout(timer);
        end({ code, signal });
      });
    });
    child.once('error', (error) => end({ code: null, signal: null, error }));
  });
  return {
    pid: child.pid ?? 0,
    process: child,
    exited,
    alive: () => !gone,
    output: () => tail,
    terminate: () => signal('SIGTERM'),
    kill,
    async stop() {
      kill();
      await exited;
    },
  };
}

function underOurLife(command: string, args: readonly string[]): [string, string[]] {
  const setpriv = process.platform === 'linux' ? findOnPath('setpriv') : undefined;
  return setpriv ? [setpriv, ['--pdeathsig', 'KILL', command, ...args]] : [command, [...args]];
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (!pid) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
