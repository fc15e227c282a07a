import { RoomServiceClient } from 'livekit-server-sdk';
import { createRandom } from '../../emulators/kit/random.ts';
import { followCall } from '../../src/cli/follow.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import { type Lived, liveThrough } from './caller.ts';
import { watchCounters } from './counters.ts';
import { doStrike } from './do-strike.ts';
import { type Breach, type CallFile, epochsOf, handoversOf, type Happened, judge, type Leftovers } from './judge.ts';
import { openStack, type Stack } from './stack.ts';
import { planOf, type StrikeKind } from './strikes.ts';

export interface ChaosOptions {
  readonly seed: string;
  readonly durationMs: number;
  /** Callers at a time. */
  readonly callers: number;
  readonly instances: number;
  readonly kinds: readonly StrikeKind[];
  /** Progress for people. */
  readonly tell: (line: string) => void;
}

export interface ChaosResult {
  readonly seed: string;
  readonly calls: number;
  readonly strikes: number;
  readonly happened: Happened;
  readonly breaches: readonly Breach[];
  /** Longest silence in the middle of an answer, ms. */
  readonly longestGapMs: number;
}

/** Once nothing is done to it any more, everything must be well within so long. */
const healsWithinMs = 60_000;
const queueBound = 1_000;
const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Calls are made, and things are done to what runs them; then all of it is held against the rules. */
export async function runChaos({
  seed,
  durationMs,
  callers,
  instances,
  kinds,
  tell,
}: ChaosOptions): Promise<ChaosResult> {
  const random = createRandom(seed);
  const stack = await openStack(createRandom(`${seed} webhooks`), tell);
  try {
    for (let count = 0; count < instances; count += 1) await stack.fleet.start();
    const counters = watchCounters(stack.fleet.living);
    const plan = planOf(random, durationMs, kinds);
    const untilMs = Date.now() + durationMs;
    const lines = Array.from({ length: callers }, (_, line) => keepCalling(stack, `${seed} ${line}`, untilMs, tell));
    const strikes = strikeBy(stack, plan, tell);
    const lived = (await Promise.all(lines)).flat();
    await strikes;
    const left = await leftOver(stack, counters.most('voicechart_calls_waiting'));
    const files = await Promise.all(lived.map(async (each) => ({ lived: each, entries: await logOf(stack, each) })));
    await counters.close();
    return {
      seed,
      calls: lived.length,
      strikes: plan.length,
      breaches: judge(files, left),
      longestGapMs: Math.max(0, ...lived.flatMap(({ asked }) => asked.map((each) => each.longestGapMs))),
      happened: {
        takeovers: files.flatMap(epochsOf).length,
        fencings: counters.sum('voicechart_calls_total', '"fenced"'),
        duplicates: counters.sum('voicechart_webhooks_total', '"duplicate"'),
        repairs: counters.sum('voicechart_reconcile_repairs_total'),
        handovers: files.reduce((sum, file) => sum + handoversOf(file), 0),
      },
    };
  } finally {
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
    const one = await liveThrough({ phones: stack.phones, livekit: stack.livekit }, random);
    lived.push(one);
    tell(`  ☎ ${one.asked.length} question(s) in ${Math.round((one.endedAt - one.joinedAt) / 1000)} s, ${one.ended}`);
    await pause(500 + random() * 2_000);
  }
  return lived;
}

async function strikeBy(stack: Stack, plan: ReturnType<typeof planOf>, tell: (line: string) => void): Promise<void> {
  const begunMs = Date.now();
  for (const strike of plan) {
    await pause(Math.max(0, begunMs + strike.atMs - Date.now()));
    const at = Math.round((Date.now() - begunMs) / 1000);
    tell(`${String(at).padStart(4)} s  ${strike.kind}: ${await doStrike(stack, strike)}`);
  }
}

/** Waits until nothing is left of the calls, as long as it may take. */
async function leftOver(stack: Stack, longestQueue: number): Promise<Leftovers> {
  const untilMs = Date.now() + healsWithinMs;
  for (;;) {
    const [openCalls, agentsInRooms] = await Promise.all([openCallsOf(stack), agentsOf(stack)]);
    const isClean = openCalls.length + agentsInRooms.length === 0;
    if (isClean || Date.now() > untilMs)
      return { openCalls, agentsInRooms, bookings: stack.bookings(), longestQueue, queueBound };
    await pause(250);
  }
}

async function openCallsOf({ fleet }: Stack): Promise<readonly string[]> {
  const [member] = fleet.living();
  if (!member) return ['no instance lives'];
  const answer = await fetch(`${member.api}/v1/calls?limit=200`, { headers: member.access.headers });
  const { calls } = (await answer.json()) as { calls: { callKey: string; endedAt?: number }[] };
  return calls.filter(({ endedAt }) => endedAt === undefined).map(({ callKey }) => callKey);
}

async function agentsOf({ livekit }: Stack): Promise<readonly string[]> {
  const rooms = new RoomServiceClient(livekit.httpUrl, livekit.apiKey, livekit.apiSecret);
  const names = (await rooms.listRooms()).map(({ name }) => name);
  const inRooms = await Promise.all(names.map((name) => rooms.listParticipants(name).catch(() => [])));
  return inRooms.flat().map(({ identity }) => identity);
}

const readWithinMs = 5_000;

/** The whole log of a call that is over; empty when nobody knows it. */
async function logOf({ fleet }: Stack, { callKey }: Lived): Promise<CallFile['entries']> {
  const entries: LogEntry[] = [];
  const [member] = fleet.living();
  if (!member) return entries;
  try {
    for await (const entry of followCall(member, callKey, AbortSignal.timeout(readWithinMs))) entries.push(entry);
  } catch {
    // What was read until then is what there is.
  }
  return entries;
}
