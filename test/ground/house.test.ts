import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'voicechart-lint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the house', () => {
  it('S4 has the top level that was agreed', () => {
    const rooms = [
      'src/machines',
      'src/actors',
      'src/adapters',
      'src/http',
      'test',
      'package.json',
      'tsconfig.json',
      'README.md',
    ];
    expect(rooms.filter((each) => !existsSync(join(root, each)))).toEqual([]);
  });

  it('S5 stands on the packages that were agreed', () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const agreed = [
      'xstate',
      'livekit-server-sdk',
      '@livekit/rtc-node',
      '@deepgram/sdk',
      'openai',
      '@cartesia/cartesia-js',
      'hono',
      '@hono/node-server',
      'ioredis',
      'vitest',
    ];
    expect(agreed.filter((each) => !(each in { ...dependencies, ...devDependencies }))).toEqual([]);
  });

  const forbidden: readonly (readonly [string, string, RegExp])[] = [
    ['src/audio/bad.ts', "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;", /ground floor/],
    ['src/sip/bad.ts', "import { readFile } from 'node:fs/promises';\nexport const a = readFile;", /ground floor/],
    ['src/fields/bad.ts', "export { Secret } from '../secret.ts';", /ground floor/],
    ['src/ingress/bad.ts', "export { lookup } from 'node:dns/promises';", /ground floor/],
    ['src/egress/bad.ts', "import { readFile } from 'node:fs/promises';\nexport const a = readFile;", /ground floor/],
    ['src/adapters/x/worse.ts', "import { sip } from '../../cli/sip.ts';\nexport const a = sip;", /an adapter speaks/],
    [
      'src/machines/call/bad.ts',
      "import { createNova } from '../../adapters/deepgram/nova.ts';\nexport const a = createNova;",
      /machines may import/,
    ],
    ['src/token/bad.ts', "export { Secret } from '../secret.ts';", /the ground/],
    ['src/token/time.ts', 'export const a = () => Date.now();', /Date\.now/],
    ['src/machines/call/worse.ts', "export const a = () => import('hono');", /machines may import/],
    ['src/machines/call/time.ts', 'export const a = () => Date.now();', /Date\.now/],
    ['src/machines/call/timer.ts', 'export const a = () => setTimeout(() => undefined, 1);', /setTimeout/],
    ['src/actors/bad.ts', "export { createCall } from '../machines/call/call.machine.ts';", /actors may import/],
    [
      'src/runtime/bad.ts',
      "import type { Line } from '../adapters/livekit/line.ts';\nexport type A = Line;",
      /runtime knows/,
    ],
    [
      'src/adapters/x/bad.ts',
      "import { bareCall } from '../../machines/call/call.machine.ts';\nexport const a = bareCall;",
      /an adapter speaks/,
    ],
    [
      'src/http/bad.ts',
      "import { bareCall } from '../machines/call/call.machine.ts';\nexport const a = bareCall;",
      /the door is/,
    ],
    ['src/http/time.ts', 'export const a = () => Math.random();', /Math\.random/],
  ];

  it.each(forbidden)('lint refuses %s', (path, code, said) => {
    expect(lint(path, code)).toMatch(said);
  });

  it('lint lets pass what a floor may know', () => {
    const code =
      "import { setup } from 'xstate';\nimport type { Player } from '../../actors/player.ts';\nexport type A = Player;\nexport const a = setup({});";
    expect(lint('src/machines/call/good.ts', code)).not.toMatch(/machines may import/);
  });
});

describe('what waits outside of machines (decision 039)', () => {
  const kinds: Readonly<Record<'limit' | 'beat' | 'space' | 'sound', readonly string[]>> = {
    limit: [
      'actors/tool-attempt.ts',
      'adapters/alert-webhook/courier.ts',
      'adapters/clips/stored-clips.ts',
      'adapters/livekit/api/transport.ts',
      'adapters/livekit/line.ts',
      'adapters/livekit/listened.ts',
      'adapters/livekit/session.ts',
      'adapters/media-source/probe.ts',
      'adapters/probes/probe.ts',
      'adapters/sip/options.ts',
      'http/health.ts',
      'http/listen.ts',
      'http/webhooks.ts',
      'runtime/call-host.ts',
      'runtime/egress-book.ts',
      'runtime/workers/asks.ts',
      'wiring/instance.ts',
      'worker-main.ts',
    ],
    beat: [
      'adapters/deepgram/stream.ts',
      'adapters/keys-file/watch.ts',
      'adapters/livekit/line-watch.ts',
      'adapters/livekit/pulse.ts',
      'adapters/redis/leases.ts',
      'adapters/sqlite/stores.ts',
      'runtime/health/watch.ts',
      'runtime/posture-keeper.ts',
      'runtime/workers/serving.ts',
    ],
    space: [
      'adapters/line/key-queue.ts',
      'adapters/livekit/api/limiter.ts',
      'adapters/redis/client.ts',
      'adapters/redis/taken-call.ts',
      'adapters/sqlite/worker.ts',
      'http/event-stream.ts',
      'runtime/hand-over.ts',
      'runtime/health/follow.ts',
      'runtime/single-flight.ts',
      'runtime/workers/uplink.ts',
      'wiring/sip-lines.ts',
    ],
    sound: [
      'adapters/in-process/media.ts',
      'adapters/in-process/room.ts',
      'adapters/line/paced-player.ts',
      'adapters/openai/utterance.ts',
    ],
  };
  /** Not `player.pause`. */
  const waits = /\bset(?:Timeout|Interval|Immediate)\(|(?<![.\w])pause\(|withPatience\(|timers\/promises/;
  /** Machines have their own timers; a command waits for a person. */
  const isElsewhere = /^(?:machines|cli)\/|^clock\.ts$|^runtime\/pause\.ts$|^actors\/player\.ts$/;

  it('is a limit, a beat, a space or sound: nothing else sets a timer', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
    const waiting = files.filter(
      (file) =>
        file.endsWith('.ts') && !isElsewhere.test(file) && waits.test(readFileSync(join(root, 'src', file), 'utf8')),
    );
    expect(waiting.toSorted()).toEqual(Object.values(kinds).flat().toSorted());
  });
});

function lint(path: string, code: string): string {
  cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), `${code}\n`);
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  try {
    return execFileSync(process.execPath, [oxlint, path], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  } finally {
    rmSync(join(folder, path));
  }
}
