import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

// Nobody is there: a call that is turned away never gets so far.
const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:9', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };

async function run(args: string[], env: Record<string, string> = livekit) {
  const child = spawn(process.execPath, ['emulators/phone/main.ts', ...args], { env: { PATH: '', ...env } });
  const code = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, error };
}

it('a phone that is turned away tells it and ends', async () => {
  const { code, out } = await run(['--room', 'r', '--refuse', 'srtp_required', '--json']);
  const events = out.trim().split('\n');
  expect(events.map((line) => JSON.parse(line) as object)).toMatchObject([
    { type: 'ringing' },
    { type: 'ended', reason: 'refused', sip: 400 },
  ]);
  expect(code).toBe(0);
});

it.each([
  [
    'a case there is not',
    ['--room', 'r', '--refuse', 'no_mood'],
    livekit,
    1,
    /^refuse: got "no_mood", allowed are .*\n$/,
  ],
  ['a server that is not there', ['--room', 'r'], livekit, 1, /^engine: signal failure.*\n$/],
  ['no room, no server', [], {}, 2, /^missing: --room, LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET\n/],
] as const)('a phone that cannot call says why in a line: %s', async (_, args, env, status, problem) => {
  const { code, error } = await run([...args], env);
  expect([code, error]).toEqual([status, expect.stringMatching(problem)]);
});
