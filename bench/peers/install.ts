import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('livekit-agents', import.meta.url));

/** Installs LiveKit Agents beside the benchmark, as its own lock file says; nothing of it runs meanwhile. */
export function installPeer(tell: (line: string) => void): void {
  if (existsSync(`${folder}/node_modules/@livekit/agents`)) return;
  tell('installing LiveKit Agents JS 1.9.0 under bench/peers …');
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`LiveKit Agents could not be installed: ${stderr.slice(-500)}`);
}
