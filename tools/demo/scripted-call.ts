import { judge, spokenByTurn, type Verdict } from '../../emulators/verdict.ts';
import type { Screen } from '../../src/cli/call-screen.ts';
import { followCall } from '../../src/cli/follow.ts';
import { type DemoPhone, scriptedCaller, type Step } from './caller.ts';
import { callIn } from './call-in.ts';
import { crashStep, type Takeover } from './crash.ts';
import { agentTurns, type CallStory, createStory } from './record.ts';
import { newRoom } from './world.ts';
import type { World } from './world-shape.ts';

export interface ScriptedCall {
  readonly story: CallStory;
  readonly verdict: Verdict;
  /** The caller joins → first agent sound at the ear; left out when there was none. */
  readonly answerMs?: number;
  /** The caller's last sound → next agent sound at the ear, for each turn. */
  readonly replyMs: readonly number[];
  /** With `crash`: what the caller heard when the process of the call was killed. */
  readonly takeover?: Takeover;
  /** What the scripted caller could not do, if anything. */
  readonly trouble?: string;
}

const from = '+15550199';

/** Phones in, plays the scripted caller to the end, and holds what the ear heard against the history. */
export async function runScriptedCall(
  world: World,
  screen: Screen,
  { crash }: { readonly crash: boolean },
): Promise<ScriptedCall> {
  const room = newRoom(from);
  const phone = await world.dial(room, from);
  const callKey = await callIn(world, room);
  const story = createStory();
  const following = follow(world, callKey, (entry) => {
    story.take(entry);
    screen.entry(entry);
  });
  const spokeAt: number[] = [];
  let takeover: Takeover | undefined;
  const killed = crashStep(
    world,
    () => callKey,
    () => spokenByTurn(world.emulators.cartesia.journal, callKey),
    screen.line,
    (seen) => (takeover = seen),
  );
  const steps = crash ? [...scriptedCaller.slice(0, -1), killed, ...scriptedCaller.slice(-1)] : scriptedCaller;
  const trouble = await play(steps, phone, screen, (endMs) => spokeAt.push(endMs));
  if (trouble) await phone.hangUp();
  await phone.ended;
  await following;
  const verdict = judge(
    spokenByTurn(world.emulators.cartesia.journal, callKey),
    phone.heard(),
    agentTurns(story.story()),
  );
  const [first] = phone.heard();
  return {
    story: story.story(),
    verdict,
    ...(first ? { answerMs: Math.round(first.startMs - phone.joinedMs) } : {}),
    replyMs: repliesOf(spokeAt, phone),
    ...(takeover ? { takeover } : {}),
    ...(trouble ? { trouble } : {}),
  };
}

async function follow(
  world: World,
  callKey: string,
  take: Parameters<Screen['entry']> extends [infer E] ? (entry: E) => void : never,
) {
  for await (const entry of followCall(world, callKey, AbortSignal.timeout(10 * 60_000))) take(entry);
}

async function play(
  steps: readonly Step[],
  phone: DemoPhone,
  screen: Screen,
  spoke: (endMs: number) => void,
): Promise<string | undefined> {
  for (const step of steps) {
    screen.line(`\n— ${step.shows}`);
    try {
      await step.run(phone, spoke);
    } catch (error) {
      return `${step.shows}: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}

const repliesOf = (spokeAt: readonly number[], phone: DemoPhone): number[] =>
  spokeAt.flatMap((endMs) => {
    const first = phone.heard().find((word) => word.startMs > endMs);
    return first ? [Math.round(first.startMs - endMs)] : [];
  });
