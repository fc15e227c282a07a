import * as fc from '../../support/properties.ts';
import { expect, test } from 'vitest';
import type { PlacedWord, ResumePoint } from '../../../src/actors/player.ts';
import { createInProcessRoom } from '../../../src/adapters/in-process/room.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';
import { blockSamples, signedAudio, signedSamples, stretchesIn } from './signed-audio.ts';

const runs = Number(process.env['PROPERTY_RUNS'] ?? 3_000);
/** What is lost at most when the link goes: what was under way, in samples. */
const underWay = (60 + 20) * 16;
/** Everything is a multiple of that long, so that no piece is too short to tell its place. */
const grainSamples = 32;

type Step =
  | { readonly do: 'open'; readonly held: boolean }
  | {
      readonly do: 'write';
      readonly words: readonly { readonly grains: number; readonly clauseEnd: boolean }[];
      readonly restGrains: number;
    }
  | { readonly do: 'gain'; readonly db: number; readonly fadeMs: number }
  | { readonly do: 'resume'; readonly from: ResumePoint }
  | { readonly do: 'end' | 'pause' | 'clear' | 'drop' | 'restore' | 'rejoin' };

const steps = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 15 }), fc.integer({ min: 16, max: 400 })),
    step: fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), held: fc.boolean() }) },
      {
        weight: 6,
        arbitrary: fc.record({
          do: fc.constant('write' as const),
          words: fc.array(fc.record({ grains: fc.integer({ min: 15, max: 150 }), clauseEnd: fc.boolean() }), {
            maxLength: 4,
          }),
          restGrains: fc.integer({ min: 0, max: 22 }),
        }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('gain' as const),
          db: fc.constantFrom(0, -6, -12),
          fadeMs: fc.constantFrom(0, 20, 50),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('pause' as const) }) },
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('resume' as const),
          from: fc.constantFrom<ResumePoint>('sample', 'word', 'clause'),
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom<Step>({ do: 'end' }, { do: 'clear' }, { do: 'rejoin' }) },
      { weight: 2, arbitrary: fc.constantFrom<Step>({ do: 'drop' }, { do: 'restore' }, { do: 'restore' }) },
    ),
  }),
  { minLength: 4, maxLength: 40 },
);

interface TurnLog {
  readonly from: number;
  to: number;
  readonly words: PlacedWord[];
  readonly told: string[];
  heardMs: number;
  rewinds: number;
  finished: boolean;
}

async function play(script: readonly { readonly waitMs: number; readonly step: Step }[]) {
  const clock = createVirtualClock();
  const world = createInProcessRoom({ clock, transitMs: 60, joinMs: 10 });
  const phone = world.call({ identity: 'web' });
  const blocks: Int16Array[] = [];
  phone.hear((frame) => {
    for (let at = 0; at < frame.length; at += blockSamples) blocks.push(frame.slice(at, at + blockSamples));
  });
  const turns: TurnLog[] = [];
  let place = 0;
  let drops = 0;
  let stop = new AbortController();
  const join = async () => {
    stop = new AbortController();
    world.room.join({ signal: stop.signal }, () => undefined);
    await clock.advance(15);
  };
  const { player } = world;
  player.subscribe((fact) => {
    const turn = turns[fact.turn];
    if (!turn) throw new Error(`a fact of turn ${fact.turn}`);
    if (turn.finished) throw new Error(`${fact.type} after the end of turn ${fact.turn}`);
    if (fact.type === 'playback.finished') turn.finished = true;
    if (fact.type !== 'playback.heard') return;
    turn.told.push(...fact.words);
    if (fact.heardMs < turn.heardMs) throw new Error('heardMs fell');
    turn.heardMs = fact.heardMs;
  });
  const open = (held: boolean) => {
    turns.push({ from: place, to: place, words: [], told: [], heardMs: 0, rewinds: 0, finished: false });
    player.open(turns.length - 1, { held });
  };

  async function act(step: Step): Promise<void> {
    const id = turns.length - 1;
    const turn = turns[id];
    if (!turn) return;
    switch (step.do) {
      case 'open':
        return open(step.held);
      case 'write': {
        const before = player.written(id);
        const words: PlacedWord[] = [];
        let at = before;
        for (const { grains, clauseEnd } of step.words) {
          const text = `${turn.words.length + words.length}${clauseEnd ? ',' : ''}`;
          words.push({ text, startSample: at, endSample: at + grains * grainSamples });
          at += grains * grainSamples;
        }
        at += step.restGrains * grainSamples;
        if (place + at - before > signedSamples) return;
        player.write(id, signedAudio(place, at - before));
        const taken = player.written(id) - before;
        if (taken === 0) return;
        place += taken;
        turn.to += taken;
        turn.words.push(...words);
        return player.mark(id, words);
      }
      case 'gain':
        return player.gain(id, step.db, step.fadeMs);
      case 'resume':
        if (step.from !== 'sample') turn.rewinds += 1;
        return player.resume(id, step.from);
      case 'drop':
        drops += 1;
        // It goes on at the word that was cut.
        turn.rewinds += 1;
        return world.network.drop();
      case 'restore':
        return world.network.restore();
      case 'rejoin':
        drops += 1;
        turn.rewinds += 1;
        stop.abort();
        return join();
      default:
        return player[step.do](id);
    }
  }

  await join();
  open(false);
  for (const { waitMs, step } of script) {
    // oxlint-disable-next-line no-await-in-loop
    await act(step);
    // oxlint-disable-next-line no-await-in-loop
    await clock.advance(waitMs);
  }
  const last = turns.length - 1;
  player.clear(last);
  await clock.advance(200);
  stop.abort();
  return { turns, drops, heard: stretchesIn(blocks) };
}

type Played = Awaited<ReturnType<typeof play>>;

/** Nothing is heard out of order, and nothing twice but after a resume at a word or clause, or a lost link. */
function checkOrder({ turns, drops, heard }: Played): void {
  const mostLost = drops * underWay;
  let lost = 0;
  for (const [index, turn] of turns.entries()) {
    const mine = heard.filter(({ from, to }) => from < turn.to && to > turn.from);
    let back = 0;
    let end = turn.from;
    for (const { from, to } of mine) {
      const begin = Math.max(from, turn.from);
      if (begin < end) {
        back += 1;
        const starts = [turn.from, ...turn.words.map((word) => turn.from + word.startSample)];
        // The beginning of what is played again may be lost with a link.
        const isResume = starts.some((start) => begin >= start && begin - start <= mostLost);
        expect(isResume, `turn ${index} goes back to ${begin - turn.from}`).toBe(true);
      }
      if (begin > end) {
        lost += 1;
        expect(begin - end).toBeLessThanOrEqual(mostLost);
      }
      end = Math.min(to, turn.to);
    }
    expect(back).toBeLessThanOrEqual(turn.rewinds);
  }
  expect(lost).toBeLessThanOrEqual(drops);
  const firsts = heard.map(({ from }) => turns.findIndex((turn) => from >= turn.from && from < turn.to));
  expect(firsts).toEqual(firsts.toSorted((a, b) => a - b));
}

/** Told is what was heard: the same words once each, and as many milliseconds; but for what a lost link took with it. */
function checkTold({ turns, heard }: Played, lossless: boolean): void {
  for (const turn of turns) {
    const heardAt = (sample: number) => heard.some(({ from, to }) => from <= sample && sample < to);
    const reached = turn.words.filter((word) =>
      isWhole(heard, turn.from + word.startSample, turn.from + word.endSample),
    );
    const reachedTexts = reached.map((word) => word.text);
    const end = Math.max(
      0,
      ...heard.filter(({ from }) => from < turn.to).map(({ to }) => Math.min(to, turn.to) - turn.from),
    );
    expect(turn.told).toEqual([...new Set(turn.told)]);
    if (lossless) {
      expect(turn.told).toEqual(reachedTexts);
      expect(turn.heardMs).toBe(Math.round(end / 16));
      if (turn.finished && turn.to > turn.from) expect(heardAt(turn.to - 1)).toBe(true);
    } else {
      expect(turn.told).toEqual(expect.arrayContaining(reachedTexts));
      expect(turn.heardMs - end / 16).toBeGreaterThan(-1);
    }
  }
}

/** Every sample of it was heard, in one piece or several. */
function isWhole(heard: readonly { readonly from: number; readonly to: number }[], from: number, to: number): boolean {
  let at = from;
  for (let moved = true; moved && at < to;) {
    const next = Math.max(at, ...heard.filter((piece) => piece.from <= at && piece.to > at).map((piece) => piece.to));
    moved = next > at;
    at = next;
  }
  return at >= to;
}

test(
  'R9.3 whatever is written, ducked, paused, resumed, cut or lost: what is told is what was heard',
  { timeout: 120_000 },
  async () => {
    let lossless = 0;
    let rewound = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const played = await play(script);
        checkOrder(played);
        checkTold(played, played.drops === 0);
        if (played.drops === 0 && played.heard.length > 0) lossless += 1;
        rewound += played.turns.some((turn) => turn.rewinds > 0) ? 1 : 0;
      }),
      { numRuns: runs },
    );
    expect(lossless).toBeGreaterThan(runs / 20);
    expect(rewound).toBeGreaterThan(runs / 5);
  },
);
