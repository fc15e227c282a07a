import { setTimeout as delay } from 'node:timers/promises';
import { type SentinelBed, startSentinelBed } from '../../../test/support/sentinel.ts';
import { type Figure, figureOf } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import type { TakeoverBenchOptions } from '../../takeover.ts';
import { openTakeoverBed, type TakenCall } from './bed.ts';
import { gapsIn } from './heard.ts';
import { longTales } from './tales.ts';
import { askFor, hearsEnd, toldTale } from './told.ts';

/** What one caller heard in one run. */
interface Run {
  /** Silences in the middle of what was told, ms. */
  readonly gaps: readonly number[];
  readonly lost: number;
}

const callCount = 6;
const killedAfterMs = 5_000;
/** One pair of runs for so many repetitions that are asked for. */
const repetitionsAPair = 15;

/** Callers who are told tales one after the other: while all is well, and while the primary of their Redis is killed. */
export async function measureFailover(options: TakeoverBenchOptions): Promise<readonly Figure[]> {
  const { tell, trouble } = options;
  const pairs = Math.ceil(options.repetitions / repetitionsAPair);
  const sentinels = await startSentinelBed();
  const bed = await openTakeoverBed({ redisUrl: sentinels.url, instances: 2, tell });
  const control: (readonly Run[])[] = [];
  const failover: (readonly Run[])[] = [];
  let changed: number | undefined;
  try {
    const calls: TakenCall[] = [];
    // oxlint-disable no-await-in-loop -- one after the other
    while (calls.length < callCount) calls.push(...(await Promise.all([bed.dial(), bed.dial()])));
    for (let pair = 0; pair < pairs; pair += 1) {
      control.push(await told(calls, isToldAll));
      tell(shown('control ', control.at(-1)!));
      const [runs] = await Promise.all([told(calls, isToldAll), failOver(sentinels)]);
      failover.push(runs);
      tell(shown('failover', runs));
      // Who says nothing for long is asked whether he is there.
      let isWhole = false;
      const mended = mend(sentinels).finally(() => (isWhole = true));
      await Promise.all([told(calls, () => isWhole), mended]);
    }
    // oxlint-enable no-await-in-loop
    const logs = await Promise.all(calls.map((call) => call.end()));
    changed = logs.flat().filter((entry) => entry.kind === 'call' && entry.data.what === 'restored').length;
  } catch (error) {
    trouble(String(error).slice(0, 300));
  } finally {
    await bed.close();
    await sentinels.stop();
  }
  return figuresOf(control, failover, changed);
}

async function failOver(sentinels: SentinelBed): Promise<void> {
  await delay(killedAfterMs);
  await (await sentinels.primary()).kill();
}

async function mend(sentinels: SentinelBed): Promise<void> {
  await sentinels.startAll();
  await sentinels.whole();
}

const isToldAll = (tales: number): boolean => tales === longTales.length;

const told = (calls: readonly TakenCall[], isOver: (tales: number) => boolean): Promise<readonly Run[]> =>
  Promise.all(calls.map((call) => talk(call, isOver)));

async function talk(call: TakenCall, isOver: (tales: number) => boolean): Promise<Run> {
  const gaps: number[] = [];
  let lost = 0;
  for (let at = 0; !isOver(at); at += 1) {
    const tale = longTales[at % longTales.length]!;
    // oxlint-disable no-await-in-loop -- a conversation
    const askedMs = await askFor(call.phone, tale);
    await hearsEnd(call.phone, tale, askedMs);
    // oxlint-enable no-await-in-loop
    const heard = toldTale(call, tale, askedMs);
    gaps.push(...gapsIn(call.phone.events(), heard.startMs, heard.endMs));
    lost += heard.lost.length;
  }
  return { gaps, lost };
}

const allGaps = (runs: readonly Run[]): readonly number[] => runs.flatMap(({ gaps }) => gaps);

const shown = (name: string, runs: readonly Run[]): string =>
  `  ${name}  ${allGaps(runs).length} gaps, the longest ${Math.round(Math.max(0, ...allGaps(runs)))} ms`;

function figuresOf(
  control: readonly (readonly Run[])[],
  failover: readonly (readonly Run[])[],
  changed: number | undefined,
): readonly Figure[] {
  const load = loadNow();
  const counts = (all: readonly (readonly Run[])[]) => all.map((runs) => runs.map(({ gaps }) => gaps.length));
  const more = failover.map((runs, pair) => [allGaps(runs).length - allGaps(control[pair]!).length]);
  const lost = failover.map((runs) => runs.map((each) => each.lost));
  const none = [{ of: 'max', atMost: 0 }] as const;
  return [
    figureOf({ name: 'gaps at the ear, a call, control', unit: 'gaps', load }, counts(control)),
    figureOf({ name: 'gaps at the ear, a call, primary killed', unit: 'gaps', load }, counts(failover)),
    figureOf({ name: 'more gaps than in the control, all calls', unit: 'gaps', load }, more, none),
    figureOf(
      { name: 'longest gap, primary killed', load },
      failover.map((runs) => [Math.max(0, ...allGaps(runs))]),
    ),
    figureOf({ name: 'words lost, a call', unit: 'words', load }, lost, none),
    figureOf({ name: 'calls that changed hands', unit: 'calls', load }, changed === undefined ? [] : [[changed]], none),
  ];
}
