import { constantFrom, integer, record, array, sample, type Arbitrary } from '../support/properties.ts';
import { expect, test } from 'vitest';
import type { ResumePoint } from '../../src/actors/player.ts';
import { joinNoting, notePlayback } from '../support/contracts/line-world.ts';
import { speechOf, wordsIn } from '../support/contracts/spoken.ts';
import { disposeAtEnd, openLivekitWorld } from './livekit-world.ts';

const lines = 3;
const turnsPerLine = 10;
const wordsPerTurn = 10;
/** Above this part of words hurt on the way the run says nothing, and is repeated once. */
const mostLost = 0.05;
const arrivalMs = 900;

disposeAtEnd();

type Step =
  | { readonly do: 'gain'; readonly db: number }
  | { readonly do: 'pause'; readonly pauseMs: number; readonly from: ResumePoint }
  | { readonly do: 'clear' | 'rejoin' };

const step: Arbitrary<Step> = constantFrom<Step>(
  { do: 'gain', db: -12 },
  { do: 'gain', db: -12 },
  { do: 'gain', db: 0 },
  { do: 'pause', pauseMs: 40, from: 'sample' },
  { do: 'pause', pauseMs: 200, from: 'sample' },
  { do: 'pause', pauseMs: 300, from: 'word' },
  { do: 'pause', pauseMs: 500, from: 'clause' },
  { do: 'clear' },
  { do: 'rejoin' },
);
const script = array(record({ waitMs: integer({ min: 60, max: 700 }), step }), { minLength: 1, maxLength: 5 });

interface Outcome {
  readonly turn: number;
  readonly steps: readonly Step[];
  /** Word numbers as told, and as read at the far end (-1: damaged). */
  readonly told: readonly number[];
  readonly heard: readonly number[];
}

async function openLine() {
  const world = await openLivekitWorld();
  const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_property' });
  await phone.answer();
  const line = joinNoting(world);
  await line.reported('caller.answered');
  await world.until(() => phone.heard().length > 0, 'sound at the phone');
  return { world, phone, line, playback: notePlayback(world) };
}

type Line = Awaited<ReturnType<typeof openLine>>;

async function playTurn(line: Line, turn: number, steps: readonly { readonly waitMs: number; readonly step: Step }[]) {
  const { world, phone, playback } = line;
  const { player } = world;
  const before = wordsIn(phone.heard()).length;
  // Every third word ends a clause.
  const texts = Array.from({ length: wordsPerTurn }, (_, at) => `${at}${at % 3 === 2 ? ',' : ''}`);
  const speech = speechOf(texts, turn * wordsPerTurn);
  player.open(turn, { held: false });
  player.write(turn, speech.pcm);
  player.mark(turn, speech.words);
  player.end(turn);
  const isOver = () => playback.has('playback.finished', turn);
  const done: Step[] = [];
  for (const { waitMs, step } of steps) {
    // oxlint-disable-next-line no-await-in-loop
    await world.pass(waitMs);
    if (isOver()) break;
    done.push(step);
    // oxlint-disable-next-line no-await-in-loop
    await act(line, turn, step);
    if (step.do === 'clear') break;
  }
  if (done.at(-1)?.do !== 'clear') await playback.reported('playback.finished', turn);
  await world.pass(arrivalMs);
  return outcomeOf(turn, done, playback.words(turn), wordsIn(phone.heard()).slice(before));
}

async function act(line: Line, turn: number, step: Step): Promise<void> {
  const { world } = line;
  switch (step.do) {
    case 'gain':
      return world.player.gain(turn, step.db, 20);
    case 'pause':
      world.player.pause(turn);
      await world.pass(step.pauseMs);
      return world.player.resume(turn, step.from);
    case 'clear':
      return world.player.clear(turn);
    case 'rejoin':
      return rejoin(line);
  }
}

async function rejoin(line: Line): Promise<void> {
  line.line.leave();
  const next = joinNoting(line.world);
  line.line = next;
  await next.reported('caller.answered');
}

const numberOf = (word: string): number => (word === '~' ? -1 : Number.parseInt(word, 10));

function outcomeOf(turn: number, steps: readonly Step[], told: readonly string[], heard: readonly string[]): Outcome {
  return { turn, steps, told: told.map(numberOf), heard: heard.map(numberOf) };
}

/** Told are the first words of the turn, each once; what was heard ends within a word of them, for each cut. */
function check({ steps, told, heard }: Outcome): void {
  const story = JSON.stringify({ steps, told, heard });
  expect(told, story).toEqual(Array.from({ length: told.length }, (_, at) => at));
  const clean = heard.filter((number) => number >= 0);
  const hurtAtEnd = heard.length - 1 - heard.findLastIndex((number) => number >= 0);
  const reached = Math.max(-1, ...clean) + 1;
  const cuts = steps.some((step) => step.do === 'clear') ? 1 : 0;
  expect(reached, story).toBeLessThanOrEqual(told.length + cuts);
  expect(reached + hurtAtEnd + 1, story).toBeGreaterThanOrEqual(told.length);
  const back = clean.filter((number, at) => at > 0 && number <= (clean[at - 1] ?? 0)).length;
  const rewinds = steps.filter((step) => step.do === 'pause' && step.from !== 'sample').length;
  expect(back, story).toBeLessThanOrEqual(rewinds);
}

/** Told, but never read whole at the far end. */
const lostIn = ({ told, heard }: Outcome): number => told.filter((number) => !heard.includes(number)).length;

/** A rejoin takes what was under way with it, and cuts a word in two. */
const allowedIn = ({ steps }: Outcome): number => steps.filter((step) => step.do === 'rejoin').length * 2;

async function run(): Promise<readonly Outcome[]> {
  const scripts = sample(script, lines * turnsPerLine);
  const playLine = async (_: unknown, index: number): Promise<Outcome[]> => {
    const line = await openLine();
    const outcomes: Outcome[] = [];
    try {
      for (const [turn, steps] of scripts.slice(index * turnsPerLine, (index + 1) * turnsPerLine).entries())
        // oxlint-disable-next-line no-await-in-loop
        outcomes.push(await playTurn(line, turn, steps));
    } finally {
      await line.world.end();
    }
    return outcomes;
  };
  return (await Promise.all(Array.from({ length: lines }, playLine))).flat();
}

test(
  'thirty turns cut, ducked, paused and lost over the real server: told is heard, up to a word at a cut',
  { timeout: 300_000 },
  async () => {
    let outcomes = await run();
    const lost = () => outcomes.reduce((sum, outcome) => sum + Math.max(0, lostIn(outcome) - allowedIn(outcome)), 0);
    const told = () => outcomes.reduce((sum, outcome) => sum + outcome.told.length, 0);
    if (lost() > told() * mostLost) {
      console.error(`void: ${lost()} of ${told()} words were hurt on the way; once more`);
      outcomes = await run();
    }
    console.info(`${outcomes.length} turns, ${told()} words told, ${lost()} hurt on the way`);
    expect(outcomes).toHaveLength(lines * turnsPerLine);
    for (const outcome of outcomes) check(outcome);
    expect(lost(), 'words hurt on the way').toBeLessThanOrEqual(told() * mostLost);
  },
);
