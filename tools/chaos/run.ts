import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom } from '../../emulators/kit/random.ts';
import { type Lived, liveThrough } from './caller.ts';
import { watchCounters } from './counters.ts';
import { doStrike } from './do-strike.ts';
import { type Breach, epochsOf, handoversOf, type Happened, isGivenUp, judge } from './judge.ts';
import { leftOver, logOf } from './left-over.ts';
import { openStack, type Stack } from './stack.ts';
import type { RedisKind } from './redis.ts';
import { type Part, type Strike, strikes } from './strikes.ts';
import { watchTokens } from './tokens.ts';

export interface ChaosOptions {
  /** What callers say, and what becomes of webhooks, follows from it. */
  readonly seed: string;
  readonly durationMs: number;
  /** Callers at a time. */
  readonly callers: number;
  /** An instance for each, with so many processes that run its calls; 0: it runs them itself. */
  readonly workers: readonly number[];
  /** Where they keep their calls. */
  readonly redis: RedisKind;
  readonly plan: readonly Strike[];
  /** Progress for people. */
  readonly tell: (line: string) => void;
  /** Each line of the instances' logs, and what is known of each call. */
  readonly logLine: (line: string) => void;
}

export interface ChaosResult {
  readonly seed: string;
  readonly calls: number;
  readonly strikes: number;
  readonly happened: Happened;
  readonly breaches: readonly Breach[];
  /** Calls that were ended with an apology, for three owners of them had died. */
  readonly givenUp: number;
  /** Longest silence in the middle of an answer, ms. */
  readonly longestGapMs: number;
  /** Longest time in which two agents had a voice in one room, ms. */
  readonly twoVoicesMs: number;
  /** How late this machine was at most in letting us run, ms: one that is busy otherwise breaks rules, too. */
  readonly lateMs: number;
}

/** One caller after another. */
const apartMs = 3_500;
const queueBound = 1_000;

/** Calls are made, and things are done to what runs them; then all of it is held against the rules. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, durationMs, callers, workers, redis, plan, tell, logLine } = options;
  const lateness = monitorEventLoopDelay({ resolution: 10 });
  lateness.enable();
  const stack = await openStack({ random: createRandom(`${seed} webhooks`), redis, tell, logLine });
  try {
    await Promise.all(workers.map((count) => stack.fleet.start(count)));
    const counters = watchCounters(stack.fleet.living);
    const tokens = watchTokens(stack.fleet.living, createRandom(`${seed} tokens`));
    const untilMs = Date.now() + durationMs;
    const lines = Array.from({ length: callers }, async (_, line) => {
      await pause(line * apartMs);
      return keepCalling(stack, `${seed} ${line}`, untilMs, tell);
    });
    const striking = strikeBy(stack, plan, tell);
    const lived = (await Promise.all(lines)).flat();
    await striking;
    await tokens.close();
    const left = await leftOver(stack, lived);
    const files = await Promise.all(lived.map(async (each) => ({ lived: each, entries: await logOf(stack, each) })));
    await counters.close();
    const breaches = judge(files, {
      ...left,
      bookings: stack.bookings(),
      believed: stack.spreader.counts.believed,
      revokedAccepted: tokens.accepted(),
      longestQueue: counters.most('voicechart_calls_waiting'),
      queueBound,
    });
    for (const file of files) logLine(`call ${JSON.stringify(file)}`);
    return {
      seed,
      calls: lived.length,
      strikes: plan.length,
      breaches,
      givenUp: files.filter(isGivenUp).length,
      longestGapMs: Math.max(0, ...lived.map(({ asked }) => longestGapMs(asked))),
      twoVoicesMs: Math.max(0, ...lived.map((each) => each.twoVoicesMs)),
      lateMs: Math.round(lateness.max / 1e6),
      happened: {
        takeovers: files.flatMap(epochsOf).length,
        fencings: counters.sum('voicechart_calls_total', '"fenced"'),
        duplicates: counters.sum('voicechart_webhooks_total', '"duplicate"'),
        repairs: counters.sum('voicechart_reconcile_repairs_total'),
        handovers: files.reduce((sum, file) => sum + handoversOf(file), 0),
        forgeries: stack.spreader.counts.forged,
        revocations: tokens.refused(),
      },
    };
  } finally {
    lateness.disable();
    await stack.close();
  }
}

/** One call after another, until there is no time for another one. */
async function keepCalling(
  stack: Stack,
  seed: string,
  untilMs: number,
  tell: (line: string) => void,
): Promise<Lived[]> {
  const random = createRandom(seed);
  const lived: Lived[] = [];
  while (Date.now() < untilMs) {
    const one = await liveThrough(stack, random).catch(() => undefined);
    if (one) lived.push(one);
    tell(one ? tellOf(one) : '  ☎ LiveKit could not be reached');
    await pause(500 + random() * 2_000);
  }
  return lived;
}

const longestGapMs = (asked: Lived['asked']): number => Math.max(0, ...asked.map((each) => each.longestGapMs));

/** A takeover takes no longer; what does is worth a look. */
const remarkableMs = 4_000;

function tellOf({ asked, joinedAt, endedAt, ended }: Lived): string {
  const times = asked.reduce((sum, { saidAt }) => sum + saidAt.length, 0);
  const gapMs = longestGapMs(asked);
  const silence = gapMs > remarkableMs ? `, silent for ${(gapMs / 1000).toFixed(1)} s in an answer` : '';
  return `  ☎ ${asked.length} question(s), asked ${times} time(s), in ${Math.round((endedAt - joinedAt) / 1000)} s, ${ended}${silence}`;
}

/** Each at its time; one that befalls a part to which something else is being done waits for that. */
async function strikeBy(stack: Stack, plan: readonly Strike[], tell: (line: string) => void): Promise<void> {
  const begunMs = Date.now();
  const seconds = () => String(Math.round((Date.now() - begunMs) / 1000)).padStart(4);
  const parts = new Map<Part, Promise<void>>();
  for (const strike of plan) {
    const { part } = strikes[strike.kind];
    const before = parts.get(part);
    const due = pause(Math.max(0, begunMs + strike.atMs - Date.now()));
    const strikeIt = async () => {
      await Promise.all([before, due]);
      tell(`${seconds()} s  ${strike.kind} …`);
      const done = await doStrike(stack, strike);
      tell(`${seconds()} s  ${strike.kind}: ${done}`);
    };
    parts.set(part, strikeIt());
  }
  await Promise.all(parts.values());
}
