import { readFileSync } from 'node:fs';
import { createPrometheus } from '../../src/adapters/prometheus/metrics.ts';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import { createHub } from '../../src/runtime/hub.ts';
import type { CallNotice } from '../../src/runtime/notices.ts';
import { followCalls } from '../../src/wiring/metrics.ts';
import { type Figure, figureOf } from '../figure.ts';
import { loadNow } from '../machine.ts';

/** A call of the demo: ten turns, a tool, a barge-in. */
const recorded = new URL('../../test/fixtures/log/demo-call.jsonl', import.meta.url);
const repetitions = 5;
const samples = 40;
const call = { callKey: 'bench', room: 'bench', epoch: 1, agent: 'bench' };

function threw(error: unknown): never {
  throw error;
}

/** What figures cost the process that also handles sound: taking down a whole turn, and being read. */
export async function measureMetrics({ tell }: { readonly tell: (line: string) => void }): Promise<readonly Figure[]> {
  const drafts = readFileSync(recorded, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogDraft);
  const turns = drafts.filter(({ kind }) => kind === 'turn').length;
  const metrics = createPrometheus(threw);
  const notices = createHub<CallNotice>(threw);
  followCalls(metrics, notices);

  tell('\nfigures of a turn');
  const taking = await timed(() => {
    for (const draft of drafts) notices.tell({ call, draft });
  });
  tell('\nthe page that Prometheus reads');
  const reading = await timed(async () => void (await metrics.text()));
  const perTurn = taking.map((run) => run.map((ms) => ms / turns));
  return [
    figureOf(
      { name: 'figures of one turn, taken down', note: 'all entries of a call’s log by its turns', load: loadNow() },
      perTurn,
      [{ of: 'p50', atMost: 1 }],
    ),
    figureOf({ name: 'figures of an instance, read', note: 'every 15 s, in one piece', load: loadNow() }, reading, [
      { of: 'p50', atMost: 20 },
    ]),
  ];
}

async function timed(work: () => void | Promise<void>): Promise<number[][]> {
  const runs: number[][] = [];
  for (let run = 0; run < repetitions; run += 1) {
    const took: number[] = [];
    for (let sample = 0; sample < samples; sample += 1) {
      const before = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
      await work();
      took.push(performance.now() - before);
    }
    runs.push(took);
  }
  return runs;
}
