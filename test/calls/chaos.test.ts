import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChaos } from '../../tools/chaos/run.ts';
import type { Strike, StrikeKind } from '../../tools/chaos/strikes.ts';
import { inRealTime } from '../support/call-real-time.ts';

const at = (atMs: number, kind: StrikeKind, pick = 0): Strike => ({ atMs, kind, pick, whim: 'nothing' });

/**
 * What `npm run chaos` draws by lot, in the least time: one call of each of three callers, of whom the last comes when
 * the webhook of his joining is lost.
 */
const plan = [
  at(0, 'repeat webhooks'),
  at(5_000, 'kill instance'),
  at(6_100, 'lose webhooks'),
  at(9_000, 'vendor fault', 0.9),
  at(11_000, 'freeze instance'),
  at(17_000, 'roll instance'),
];
const fixed = { seed: 'brief', durationMs: 8_000, callers: 3, workers: [0, 0], redis: 'one', plan } as const;

/** A folder for the logs of the instances, when one is wanted. */
const logs = process.env['VOICECHART_LOGS'];

test(
  'S3 D1.7 D9.1 R10.1 R10.3 bad input: calls outlive a death, a freeze and a deploy of what runs them, lost and repeated webhooks, and a vendor',
  { timeout: 300_000 },
  () =>
    inRealTime(async () => {
      const told: string[] = [];
      const log = logs ? createWriteStream(join(logs, 'chaos.log'), { flags: 'a' }) : undefined;
      const begunMs = Date.now();
      const { breaches, happened } = await runChaos({
        ...fixed,
        tell: (line) => void told.push(`${((Date.now() - begunMs) / 1000).toFixed(1)}  ${line}`),
        logLine: (line) => void log?.write(`${line}\n`),
      });
      const story = told.join('\n');
      if (logs) console.log(story, happened);
      expect(breaches, story).toEqual([]);
      for (const what of ['takeovers', 'fencings', 'duplicates', 'repairs', 'handovers'] as const)
        expect(happened[what], `${what}\n${story}`).toBeGreaterThan(0);
    }),
);
