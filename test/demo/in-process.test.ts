import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { demoResult } from '../../tools/demo/summary.ts';
import { bareMachine, startDemo } from './demo-process.ts';

it('without a livekit-server the demo plays the whole call in this process, and nothing stays behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
  const bare = bareMachine(folder);
  const demo = startDemo(['--once', '--json'], bare);
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
