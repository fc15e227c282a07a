import { spawnSync } from 'node:child_process';
import { spawnOwned, type OwnedOptions } from './owned.ts';

export interface RunResult {
  readonly ok: boolean;
  /** Exit code, or 127 when it could not be started, 137 when it was killed. */
  readonly code: number;
  /** The last 4,000 characters of what it said. */
  readonly output: string;
}

/** Runs a program to its end. Never rejects. Killed after `limitMs`. */
export async function run(
  command: string,
  args: readonly string[],
  options: OwnedOptions & { readonly limitMs?: number } = {},
): Promise<RunResult> {
  const child = spawnOwned(command, args, options);
  const timer = setTimeout(child.kill, options.limitMs ?? 60_000);
  const { code, error } = await child.exited;
  clearTimeout(timer);
  if (error) return { ok: false, code: 127, output: error.message };
  return { ok: code === 0, code: code ?? 137, output: child.output() };
}

/** Runs a program to its end while everything waits: for sweeps. Never throws. */
export function runSync(command: string, args: readonly string[]): RunResult {
  const { status, error, stdout, stderr } = spawnSync(command, args, { timeout: 10_000, encoding: 'utf8' });
  if (error) return { ok: false, code: 127, output: error.message };
  return { ok: status === 0, code: status ?? 137, output: `${stdout}${stderr}`.slice(-4000) };
}
