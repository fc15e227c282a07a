import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { questions } from '../agent-base.ts';
import { type Bed, type BenchInstance, openBed } from '../bed.ts';
import { type BenchCall, dial } from '../call.ts';
import { type Figure, figureOf } from '../figure.ts';
import { loadNow } from '../machine.ts';
import { cpuPercent, type Usage, usageOf } from '../process-usage.ts';

const file = fileURLToPath(new URL('../../test/fixtures/load/instance.json', import.meta.url));

/** What an instance used over one look, with so many calls. */
interface LoadSample {
  readonly atMs: number;
  readonly calls: number;
  readonly waiting: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly rssMb: number;
  /** Mean of the requests at its doors; 0 where there was none. */
  readonly responseMs: number;
}

interface LoadOptions {
  readonly calls: number;
  readonly write: boolean;
  readonly tell: (line: string) => void;
}

const lookEveryMs = 4_000;
const comeEveryMs = 8_000;
const stayMs = 40_000;
const askEveryMs = 6_000;

/** Calls come one by one, stay together, and go one by one, while the instance is looked at. The record is what scaling is simulated on. */
export async function measureLoad({ calls, write, tell }: LoadOptions): Promise<readonly Figure[]> {
  const bed = await openBed(tell);
  try {
    const instance = await bed.startInstance();
    const samples = await whileLooking(instance, tell, () => comeAndGo(bed, instance, calls));
    await instance.stop();
    const record = { cores: 1, lookEveryMs, samples };
    if (write) writeFileSync(file, `${JSON.stringify(record)}\n`);
    const busy = samples.filter((sample) => sample.calls === calls);
    const perCall = busy.map(({ cpuShare }) => [(100 * cpuShare) / calls]);
    const measured = { name: `call of an instance, at ${calls} calls`, unit: '% of a core', load: loadNow() } as const;
    return [figureOf(measured, perCall)];
  } finally {
    await bed.close();
  }
}

async function comeAndGo(bed: Bed, instance: BenchInstance, most: number): Promise<void> {
  const calls: BenchCall[] = [];
  const over = new AbortController();
  for (let call = 0; call < most; call += 1) {
    // oxlint-disable no-await-in-loop -- one after the other
    calls.push(await dial(bed, instance, 'flux'));
    void talk(calls[call]!, over.signal).catch(() => undefined);
    await delay(comeEveryMs);
    // oxlint-enable no-await-in-loop
  }
  await delay(stayMs);
  for (const call of calls) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await Promise.all([call.phone.hangUp(), delay(comeEveryMs)]);
  }
  over.abort();
  await delay(stayMs / 2);
}

async function talk({ phone }: BenchCall, signal: AbortSignal): Promise<void> {
  for (let turn = 0; !signal.aborted; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop -- a conversation
    await delay(askEveryMs, undefined, { signal });
    // oxlint-disable-next-line no-await-in-loop -- a conversation
    await phone.sayWords(questions[turn % questions.length]!);
  }
}

async function whileLooking(
  instance: BenchInstance,
  tell: (line: string) => void,
  work: () => Promise<void>,
): Promise<readonly LoadSample[]> {
  const samples: LoadSample[] = [];
  const done = new AbortController();
  const working = work().finally(() => done.abort());
  const start = performance.now();
  let before = { usage: usageOf(instance.pid), doors: await figuresAt(instance) };
  while (!done.signal.aborted) {
    // oxlint-disable no-await-in-loop -- one look after the other
    await delay(lookEveryMs);
    const now = { usage: usageOf(instance.pid), doors: await figuresAt(instance) };
    // oxlint-enable no-await-in-loop
    samples.push(sampleOf(before, now, start));
    tell(`  ${JSON.stringify(samples.at(-1))}`);
    before = now;
  }
  await working;
  return samples;
}

type Looked = { readonly usage: Usage; readonly doors: Doors };

const sampleOf = (before: Looked, { usage, doors }: Looked, start: number): LoadSample => ({
  atMs: Math.round(usage.atMs - start),
  calls: doors.active,
  waiting: doors.waiting,
  cpuShare: rounded(cpuPercent(before.usage, usage) / 100),
  rssMb: Math.round(usage.rssMb),
  responseMs: rounded(
    (1000 * (doors.seconds - before.doors.seconds)) / Math.max(1, doors.requests - before.doors.requests),
  ),
});

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

interface Doors {
  readonly active: number;
  readonly waiting: number;
  readonly seconds: number;
  readonly requests: number;
}

async function figuresAt({ health }: BenchInstance): Promise<Doors> {
  const page = await (await fetch(`${health}/metrics`)).text();
  const sum = (series: string): number =>
    [...page.matchAll(new RegExp(`^${series}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (all, [, value]) => all + Number(value),
      0,
    );
  return {
    active: sum('voicechart_calls_active'),
    waiting: sum('voicechart_calls_waiting'),
    seconds: sum('voicechart_http_request_seconds_sum'),
    requests: sum('voicechart_http_request_seconds_count'),
  };
}
