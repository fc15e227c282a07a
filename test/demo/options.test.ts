import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bareMachine, startDemo } from './demo-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const bare = bareMachine(folder);
const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:1', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'do-not-print-me' };

describe('the demo that cannot go on says why in one line', () => {
  it.each([
    [
      'an option there is not',
      ['--onse'],
      {},
      2,
      "Unknown option '--onse'. What there is: --once, --crash, --json, --help",
    ],
    ['a crash without a livekit-server', ['--crash'], {}, 69, '--crash needs a livekit-server'],
    ['a LiveKit that is not there', [], livekit, 69, '127.0.0.1:1 does not answer'],
    ['no livekit-server with CI set', ['--once'], { CI: '1' }, 69, 'CI is set and no livekit-server can be had'],
  ])('%s', async (_, args, env, code, why) => {
    const demo = startDemo(args, { ...bare, ...env });
    expect(await demo.ended).toBe(code);
    expect(demo.stdout()).toBe('');
    expect(demo.stderr().trim().split('\n')).toEqual([expect.stringContaining(why)]);
    expect(demo.stderr()).not.toContain('do-not-print-me');
  });
});

it('without a livekit-server the first line of the demo says that the room is in-process', async () => {
  const demo = startDemo([], bare);
  await demo.prints('the caller dials');
  process.kill(demo.pid, 'SIGTERM');
  expect(await demo.ended).toBe(143);
  expect(demo.stdout().split('\n')[0]).toMatch(/^No livekit-server could be had: the room is IN-PROCESS/);
  expect(readdirSync(bare['TMPDIR'] ?? '')).toEqual([]);
});
