import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedServerPath, findLivekitServer } from '../../tools/services/livekit-binary.ts';
import { findBrowser, providePackages } from '../../tools/services/packages.ts';

const isServer = 'echo livekit-server version 1.13.5';
const buildsServer = `printf '#!/bin/sh\\n${isServer}\\n' > "$GOBIN/server"; /bin/chmod 755 "$GOBIN/server"; echo "$@"`;

let folder: string;
let env: { PATH: string; HOME: string; XDG_CACHE_HOME: string };
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
  env = { PATH: join(folder, 'bin'), HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
  mkdirSync(env.PATH);
  said = [];
});

afterEach(() => rmSync(folder, { recursive: true }));

function program(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const onPath = (name: string, body: string) => program(join(env.PATH, name), body);
const find = () => findLivekitServer({ env, progress: (line) => said.push(line) });
const cached = () => cachedServerPath(env);

describe('livekit-server is looked for', () => {
  it('on the PATH first', async () => {
    const command = onPath('livekit-server', isServer);
    program(cached(), isServer);
    expect(await find()).toEqual({ from: 'path', command });
  });

  it('in the cache of the user next, also when the one on the PATH does not run', async () => {
    onPath('livekit-server', 'echo wrong machine; exit 3');
    onPath('go', buildsServer);
    program(cached(), isServer);
    expect(await find()).toEqual({ from: 'cache', command: cached() });
    expect(said.join()).toContain('does not run: wrong machine');
  });

  it('then built with Go at the pinned version, once, with progress shown', async () => {
    onPath('go', buildsServer);
    expect(await find()).toEqual({ from: 'go', command: cached() });
    expect(said[0]).toContain('building livekit-server 1.13.5');
    expect(said.join()).toContain('install github.com/livekit/livekit-server/cmd/server@v1.13.5');
    expect(await find()).toEqual({ from: 'cache', command: cached() });
    expect(readdirSync(dirname(cached()))).toEqual(['server']);
  });

  it('and two builds at once both end right', async () => {
    onPath('go', buildsServer);
    expect(await Promise.all([find(), find()])).toEqual([
      { from: 'go', command: cached() },
      { from: 'go', command: cached() },
    ]);
    expect(readdirSync(dirname(cached()))).toEqual(['server']);
  });

  it('then in Docker, when the build fails and Docker runs', async () => {
    onPath('go', 'echo no network >&2; exit 1');
    const command = onPath('docker', 'exit 0');
    expect(await find()).toEqual({ from: 'docker', command, image: 'livekit/livekit-server:v1.13.5' });
    expect(said.join()).toContain('go install failed: no network');
    expect(readdirSync(dirname(cached()))).toEqual([]);
  });

  it('and not found when there is none of them', async () => {
    onPath('docker', 'exit 1');
    expect(await find()).toBeUndefined();
  });
});

const log = () => join(folder, 'apt.log');

const provide = (isRoot: boolean) =>
  providePackages({ env: { ...env, BIN: env.PATH, LOG: log() }, isRoot, progress: (line) => said.push(line) });

describe('packages of the machine', () => {
  const makes = ['redis-server', 'redis-sentinel', 'espeak-ng', 'promtool', 'chromium'].map((name) => {
    return `printf '#!/bin/sh\\n' > "$BIN/${name}"; /bin/chmod 755 "$BIN/${name}"`;
  });
  it('are installed on Debian as root, after an update when the lists are old', async () => {
    onPath('espeak-ng', '');
    const install = `[ -f "$LOG.updated" ] || exit 100; ${makes.join('; ')}`;
    onPath('apt-get', `echo "$@" >> "$LOG"; case "$1" in update) : > "$LOG.updated";; install) ${install};; esac`);
    expect(await provide(true)).toEqual([]);
    const asked = 'install --yes --no-install-recommends redis-server redis-sentinel prometheus chromium';
    expect(readFileSync(log(), 'utf8').trim().split('\n')).toEqual([asked, 'update', asked]);
  });

  it('are told by name to anyone else', async () => {
    onPath('apt-get', `echo "$@" >> "$LOG"; ${makes.join('; ')}`);
    const chrome = onPath('google-chrome', '');
    expect(findBrowser(env)).toBe(chrome);
    const missing = await provide(false);
    expect(missing).toHaveLength(4);
    expect(missing.join()).toContain('redis-server is missing');
    expect(missing.join()).toContain('apt-get install espeak-ng');
    expect(missing.join()).toContain(
      'promtool is missing (alert rules and the dashboard): install it, on Debian by `apt-get install prometheus`',
    );
    expect(readdirSync(folder)).not.toContain('apt.log');
  });

  it('are told, too, when apt-get fails', async () => {
    onPath('apt-get', 'echo no such package; exit 100');
    expect(await provide(true)).toHaveLength(5);
    expect(said.join()).toContain('apt-get failed: no such package');
  });
});
