import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { demoResult } from '../../tools/demo/summary.ts';
import { bareMachine, startDemo } from './demo-process.ts';

/** What a browser that opens the printed link is answered. */
async function enter(said: string): Promise<number> {
  const [, api = '', link = ''] = /Console +(http:\/\/[^/]+)\/console\/\S*#\/enter\/(\S+)/.exec(said) ?? [];
  const headers = { 'content-type': 'application/json', origin: api };
  return (await fetch(`${api}/v1/session`, { method: 'POST', headers, body: JSON.stringify({ link }) })).status;
}

it('without a livekit-server the demo plays the whole call in this process, its link lets one browser in, and nothing stays behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
  const bare = bareMachine(folder);
  const demo = startDemo(['--once', '--json'], bare);
  await demo.prints('Console ');
  expect([await enter(demo.stderr()), await enter(demo.stderr())]).toEqual([200, 401]);
  expect([await demo.ended, demo.stderr().split('\n')[0]]).toEqual([0, expect.stringContaining('IN-PROCESS')]);
  const [line = '', ...more] = demo.stdout().trim().split('\n');
  expect(more).toEqual([]);
  expect(demoResult.parse(JSON.parse(line))).toMatchObject({
    room: 'in-process',
    heardEqualsHistory: true,
    digits: '4701',
    ended: 'agent said goodbye',
  });
  expect(readdirSync(bare['TMPDIR'] ?? '')).toEqual([]);
  rmSync(folder, { recursive: true });
});
