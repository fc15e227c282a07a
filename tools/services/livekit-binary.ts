import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findOnPath, isExecutable } from '../lib/find-on-path.ts';
import { atEnd } from '../lib/owned.ts';
import { run } from '../lib/run.ts';

const livekitServerVersion = '1.13.5';
const goPackage = `github.com/livekit/livekit-server/cmd/server@v${livekitServerVersion}`;
const dockerImage = `livekit/livekit-server:v${livekitServerVersion}`;
const buildLimitMs = 15 * 60_000;

/** A livekit-server that can be started here. */
export type LivekitBinary =
  | { readonly from: 'path' | 'cache' | 'go'; readonly command: string }
  | { readonly from: 'docker'; readonly command: string; readonly image: string };

interface Search {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

/**
 * The first of: `livekit-server` on the PATH, the build in the user's cache folder, a new build by `go install`,
 * Docker. Nothing when none can be had; what was tried and why it failed goes to `progress`.
 */
export async function findLivekitServer(search: Partial<Search> = {}): Promise<LivekitBinary | undefined> {
  const { env = process.env, progress = () => {} } = search;
  for (const look of [onPath, inCache, byGo, inDocker]) {
    const found = await look({ env, progress });
    if (found) return found;
  }
  return undefined;
}

/** Where a build is kept: `$XDG_CACHE_HOME` or `~/.cache`, then `voicechart/livekit-server-<version>/server`. */
export function cachedServerPath(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'voicechart', `livekit-server-${livekitServerVersion}`, 'server');
}

async function onPath({ env, progress }: Search): Promise<LivekitBinary | undefined> {
  const command = findOnPath('livekit-server', env);
  return command && (await runs(command, env, progress)) ? { from: 'path', command } : undefined;
}

async function inCache({ env, progress }: Search): Promise<LivekitBinary | undefined> {
  const command = cachedServerPath(env);
  return isExecutable(command) && (await runs(command, env, progress)) ? { from: 'cache', command } : undefined;
}

async function runs(command: string, env: NodeJS.ProcessEnv, progress: Search['progress']): Promise<boolean> {
  const { ok, output } = await run(command, ['--version'], { env, limitMs: 20_000 });
  if (!ok) progress(`${command} does not run: ${lastLine(output)}`);
  return ok;
}

/** Builds beside the place it is kept in, then renames: two builds at once both end right. */
async function byGo({ env, progress }: Search): Promise<LivekitBinary | undefined> {
  const go = findOnPath('go', env);
  if (!go) return undefined;
  const command = cachedServerPath(env);
  progress(`building livekit-server ${livekitServerVersion} with Go (once, one to three minutes) …`);
  try {
    mkdirSync(dirname(command), { recursive: true });
    const folder = mkdtempSync(join(dirname(command), 'build-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    const release = atEnd(remove);
    const { ok, output } = await run(go, ['install', goPackage], {
      env: { ...env, GOBIN: folder },
      limitMs: buildLimitMs,
      onOutput: throttled(progress),
    });
    if (ok) renameSync(join(folder, 'server'), command);
    remove();
    release();
    if (ok) return { from: 'go', command };
    progress(`go install failed: ${lastLine(output)}`);
  } catch (error) {
    progress(`no build: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

async function inDocker({ env, progress }: Search): Promise<LivekitBinary | undefined> {
  const command = findOnPath('docker', env);
  if (!command || !(await run(command, ['info'], { env, limitMs: 10_000 })).ok) return undefined;
  progress(`taking ${dockerImage} from Docker …`);
  const { ok, output } = await run(command, ['pull', '--quiet', dockerImage], { env, limitMs: buildLimitMs });
  if (!ok) progress(`docker pull failed: ${lastLine(output)}`);
  return ok ? { from: 'docker', command, image: dockerImage } : undefined;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';

/** Go says hundreds of lines: one in twenty is enough to see that it goes on. */
function throttled(progress: Search['progress']): (text: string) => void {
  let lines = 0;
  return (text) => {
    for (const line of text.trim().split('\n')) {
      if (lines % 20 === 0) progress(`  ${line}`);
      lines += 1;
    }
  };
}
