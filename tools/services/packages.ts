import { findOnPath } from '../lib/find-on-path.ts';
import { run } from '../lib/run.ts';

/** A program of the machine that the tests use, under any of its names, and Debian's package that has it. */
interface Wanted {
  readonly commands: readonly string[];
  readonly debian: string;
  readonly why: string;
}

const browsers = ['chromium', 'chromium-browser', 'google-chrome'];

const wanted: readonly Wanted[] = [
  { commands: ['redis-server'], debian: 'redis-server', why: 'calls shared by several instances' },
  { commands: ['redis-sentinel'], debian: 'redis-sentinel', why: 'a Redis whose primary dies' },
  { commands: ['espeak-ng'], debian: 'espeak-ng', why: 'real speech' },
  { commands: ['promtool'], debian: 'prometheus', why: 'alert rules and the dashboard' },
  { commands: browsers, debian: 'chromium', why: 'the console in a browser' },
];

/** The browser in which the console is tested. */
export const findBrowser = (env: NodeJS.ProcessEnv = process.env): string | undefined =>
  browsers.map((name) => findOnPath(name, env)).find((path) => path !== undefined);

const installLimitMs = 10 * 60_000;

export interface PackageSearch {
  readonly env?: NodeJS.ProcessEnv;
  readonly isRoot?: boolean;
  readonly progress?: (line: string) => void;
}

/** Installs what is missing where that is allowed: on Debian, as root. Gives what is still missing, told for a person. */
export async function providePackages(search: PackageSearch = {}): Promise<readonly string[]> {
  const { env = process.env, isRoot = process.getuid?.() === 0, progress = () => {} } = search;
  const missing = missingFrom(env);
  const apt = findOnPath('apt-get', env);
  if (missing.length > 0 && apt && isRoot) await install(apt, missing, env, progress);
  return missingFrom(env).map(({ commands, debian, why }) => {
    return `${commands[0]} is missing (${why}): install it, on Debian by \`apt-get install ${debian}\``;
  });
}

const missingFrom = (env: NodeJS.ProcessEnv): readonly Wanted[] =>
  wanted.filter(({ commands }) => !commands.some((command) => findOnPath(command, env)));

async function install(
  apt: string,
  missing: readonly Wanted[],
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<void> {
  const names = missing.map(({ debian }) => debian);
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, limitMs: installLimitMs };
  const args = ['install', '--yes', '--no-install-recommends', ...names];
  progress(`installing ${names.join(', ')} with apt-get …`);
  if ((await run(apt, args, options)).ok) return;
  // A fresh machine has no lists of packages, or old ones.
  await run(apt, ['update'], options);
  const { ok, output } = await run(apt, args, options);
  if (!ok) progress(`apt-get failed: ${output.trim().split('\n').at(-1) ?? ''}`);
}
