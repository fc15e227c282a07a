import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../emulators/kit/fault-kinds.ts';
import type { Owner } from './fleet.ts';
import type { SpreaderCounts, WebhookTrouble } from './spreader.ts';
import type { Stack } from './stack.ts';
import type { Strike, StrikeKind } from './strikes.ts';

const replacedAfterMs = 500;
const frozenMs = 5_000;
const hungMs = 5_000;
const redisFrozenMs = 3_000;
const redisDeadMs = 4_000;
const redisSlowMs = 500;
const troubleMs = 6_000;
/** A trouble of webhooks goes on until it has met one, but no longer. */
const mostTroubleMs = 20_000;
const whimAfterMs = 1_000;
/** There may be no call for a moment. */
const ownersWithinMs = 10_000;

type Do = (stack: Stack, pick: number) => Promise<string>;

/** Each resolves, when what it did is over, with what it was done to. */
const doings: Readonly<Record<StrikeKind, Do>> = {
  async 'kill instance'(stack, pick) {
    const { member } = await anOwner(stack, pick);
    await stack.fleet.kill(member);
    await pause(replacedAfterMs);
    return `${member.name}, ${(await stack.fleet.start(member.workers)).name} follows`;
  },
  async 'freeze instance'(stack, pick) {
    const { member } = await anOwner(stack, pick);
    stack.fleet.freeze(member);
    await pause(frozenMs);
    stack.fleet.thaw(member);
    return member.name;
  },
  async 'roll instance'(stack, pick) {
    const { member } = await anOwner(stack, pick);
    const next = await stack.fleet.start(member.workers);
    await stack.fleet.terminate(member);
    return `${member.name}, ${next.name} follows`;
  },
  async 'kill process'(stack, pick) {
    const { member, pid } = await anOwner(stack, pick, (owner) => owner.pid !== owner.member.pid);
    process.kill(pid, 'SIGKILL');
    return `${pid} of ${member.name}`;
  },
  async 'hang process'(stack, pick) {
    const { member, pid } = await anOwner(stack, pick);
    process.kill(pid, 'SIGUSR2');
    await pause(hungMs);
    return pid === member.pid ? member.name : `${pid} of ${member.name}`;
  },
  'lose webhooks': (stack) => suffering(stack, 'lose', ({ lostJoins }) => lostJoins),
  'repeat webhooks': (stack) => suffering(stack, 'repeat', ({ repeated }) => repeated),
  'delay webhooks': (stack) => suffering(stack, 'delay', ({ delayed }) => delayed),
  'forge webhooks': (stack) => suffering(stack, 'forge', ({ forged }) => forged),
  async 'kill redis'({ redis }) {
    const primary = await redis.primary();
    await primary.kill();
    await pause(redisDeadMs);
    await primary.start();
    await redis.whole();
    return `${primary.link.port}, ${(await redis.primary()).link.port} is the primary`;
  },
  async 'freeze redis'({ redis }) {
    const primary = await redis.primary();
    primary.freeze();
    await pause(redisFrozenMs);
    primary.thaw();
    await redis.whole();
    return `${primary.link.port} for ${redisFrozenMs} ms, ${(await redis.primary()).link.port} is the primary`;
  },
  async 'slow redis'({ redis }) {
    for (const { link } of redis.servers) link.slow(redisSlowMs);
    await pause(troubleMs);
    for (const { link } of redis.servers) link.slow(0);
    return `by ${redisSlowMs} ms`;
  },
  async 'restart livekit'(stack) {
    await stack.restartLivekit();
    return 'killed and started again';
  },
  async 'vendor fault'({ emulators }, pick) {
    const [name, fault] = oneOf(vendorFaults, pick);
    const { faults } = emulators[name];
    faults.add(fault);
    await pause(troubleMs);
    faults.clear();
    return `${name}: ${fault.kind}`;
  },
};

type Vendor = 'deepgram' | 'openai' | 'cartesia';

const vendorFaults: readonly (readonly [Vendor, Fault])[] = [
  ['deepgram', { kind: 'refuse' }],
  ['deepgram', { kind: 'drop' }],
  ['openai', { kind: 'hang' }],
  ['openai', { kind: 'status', status: 503 }],
  ['cartesia', { kind: 'stall', after: 2 }],
  ['cartesia', { kind: 'reset', after: 1 }],
];

/** Never rejects: what could not be done is told. */
export async function doStrike(stack: Stack, strike: Strike): Promise<string> {
  const [done, whim] = await Promise.all([
    attempt(() => doings[strike.kind](stack, strike.pick)),
    doWhim(stack, strike),
  ]);
  return whim ? `${done}; ${whim}` : done;
}

async function doWhim({ onTheLine }: Stack, { whim, pick }: Strike): Promise<string | undefined> {
  if (whim === 'nothing') return undefined;
  await pause(whimAfterMs);
  const caller = onTheLine.size > 0 ? oneOf([...onTheLine], pick) : undefined;
  if (!caller) return undefined;
  return attempt(async () => {
    await (whim === 'reconnects' ? caller.reconnect() : caller.hangUp());
    return `${caller.from} ${whim}`;
  });
}

async function attempt(something: () => Promise<string>): Promise<string> {
  try {
    return await something();
  } catch (error) {
    return `could not be done: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** For a while, and until it has met a webhook that counts. */
async function suffering(
  { spreader }: Stack,
  trouble: WebhookTrouble,
  countOf: (counts: SpreaderCounts) => number,
): Promise<string> {
  const before = countOf(spreader.counts);
  const begunMs = Date.now();
  const lastsMs = () => Date.now() - begunMs;
  spreader.suffer(trouble, true);
  while (lastsMs() < troubleMs || (countOf(spreader.counts) === before && lastsMs() < mostTroubleMs)) await pause(100);
  spreader.suffer(trouble, false);
  return `${countOf(spreader.counts) - before} in ${Math.round(lastsMs() / 1000)} s`;
}

/** Somebody who runs a call, waiting for one. */
async function anOwner({ fleet }: Stack, pick: number, fits: (owner: Owner) => boolean = () => true): Promise<Owner> {
  for (const untilMs = Date.now() + ownersWithinMs; Date.now() < untilMs; await pause(200)) {
    const owners = (await fleet.owners()).filter(fits);
    if (owners.length > 0) return oneOf(owners, pick);
  }
  throw new Error('nobody had a call for so long');
}

const oneOf = <T>(items: readonly T[], pick: number): T => items[Math.floor(pick * items.length)]!;
