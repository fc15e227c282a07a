import type { Fault } from '../../emulators/kit/fault-kinds.ts';
import type { Member } from './fleet.ts';
import type { Stack } from './stack.ts';
import type { Strike, StrikeKind } from './strikes.ts';

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

const replacedAfterMs = 500;
const frozenMs = 5_000;
const redisFrozenMs = 3_000;
const troubleMs = 6_000;

type Do = (stack: Stack, pick: number) => Promise<string>;

/** Each resolves, when what it did is over, with what it was done to. */
const doings: Readonly<Record<StrikeKind, Do>> = {
  async 'kill instance'(stack, pick) {
    const member = chosen(stack, pick);
    await stack.fleet.kill(member);
    await pause(replacedAfterMs);
    return `${member.name}, ${(await stack.fleet.start()).name} follows`;
  },
  async 'freeze instance'({ fleet, ...stack }, pick) {
    const member = chosen({ fleet, ...stack }, pick);
    fleet.freeze(member);
    await pause(frozenMs);
    fleet.thaw(member);
    return member.name;
  },
  async 'roll instance'(stack, pick) {
    const member = chosen(stack, pick);
    const next = await stack.fleet.start();
    await stack.fleet.terminate(member);
    return `${member.name}, ${next.name} follows`;
  },
  'lose webhooks': (stack) => suffering(stack, 'lose'),
  'repeat webhooks': (stack) => suffering(stack, 'repeat'),
  async 'freeze redis'({ redis }) {
    process.kill(redis.pid, 'SIGSTOP');
    await pause(redisFrozenMs);
    process.kill(redis.pid, 'SIGCONT');
    return `${redisFrozenMs} ms`;
  },
  async 'restart livekit'(stack) {
    await stack.restartLivekit();
    return 'killed and started again';
  },
  async 'vendor fault'({ emulators }, pick) {
    const [name, fault] = vendorFaults[Math.floor(pick * vendorFaults.length)]!;
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
export async function doStrike(stack: Stack, { kind, pick }: Strike): Promise<string> {
  try {
    return await doings[kind](stack, pick);
  } catch (error) {
    return `could not be done: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function suffering({ spreader }: Stack, trouble: 'lose' | 'repeat'): Promise<string> {
  const before = { ...spreader.counts };
  spreader.suffer(trouble);
  await pause(troubleMs);
  spreader.suffer('none');
  const { lost, repeated } = spreader.counts;
  return trouble === 'lose' ? `${lost - before.lost} lost` : `${repeated - before.repeated} repeated`;
}

function chosen({ fleet }: Pick<Stack, 'fleet'>, pick: number): Member {
  const living = fleet.living();
  return living[Math.floor(pick * living.length)]!;
}
