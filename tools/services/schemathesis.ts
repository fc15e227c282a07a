import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath } from '../lib/find-on-path.ts';
import { run } from '../lib/run.ts';

/** Every package with its version, so that two machines try the API alike. */
const requirements = fileURLToPath(new URL('schemathesis.txt', import.meta.url));
const installLimitMs = 5 * 60_000;

interface Search {
  readonly env?: NodeJS.ProcessEnv;
  readonly progress?: (line: string) => void;
}

/**
 * Schemathesis tries an API by its OpenAPI document. It is installed once into the user's cache folder, by pip in a Python
 * environment of its own. Resolves with a Python that has it; rejects with what to install.
 */
export async function findSchemathesis({ env = process.env, progress = () => {} }: Search = {}): Promise<string> {
  const folder = cachedFolder(env);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, 'whole'))) return python;
  const system = findOnPath('python3', env);
  if (!system) throw new Error(wanted('there is no python3'));
  progress('installing schemathesis with pip (once, half a minute) …');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  await must(system, ['-m', 'venv', folder], env, 'python3 has no venv');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
  await must(python, install, env, 'pip could not install it');
  mkdirSync(join(folder, 'whole'));
  return python;
}

/** `$XDG_CACHE_HOME` or `~/.cache`, then by what is in it: other versions are another folder. */
function cachedFolder(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  const versions = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  return join(cache, 'voicechart', `schemathesis-${versions}`);
}

async function must(command: string, args: readonly string[], env: NodeJS.ProcessEnv, why: string): Promise<void> {
  const { ok, output } = await run(command, args, { env, limitMs: installLimitMs });
  if (!ok) throw new Error(wanted(`${why}: ${output.trim().split('\n').at(-1) ?? ''}`));
}

const wanted = (why: string): string =>
  `The API is tried by schemathesis, which needs Python 3.10 or newer with venv and pip; ${why}. On Debian: apt-get install python3-venv`;
