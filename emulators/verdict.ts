import { safeName } from '../src/machines/reply/input.ts';
import type { Journal } from './kit/journal.ts';
import type { HeardWord } from './phone/types.ts';

/** A word the emulated voice spoke, under the number that its tones carry. */
export interface SpokenWord {
  readonly number: number;
  readonly text: string;
}

/** The agent's line of one turn as the call's history has it. */
export interface HistoryTurn {
  readonly turn: number;
  readonly words: readonly string[];
  readonly cut: boolean;
}

export interface TurnVerdict {
  readonly turn: number;
  /** Words up to the last one that reached the ear. */
  readonly heard: number;
  readonly inHistory: number;
  readonly lost: number;
  readonly agrees: boolean;
}

const mostAtCut = 1;

export interface Verdict {
  /** History and ear agree in every turn, those that only one of them knows included, up to one word where the agent was cut. */
  readonly heardEqualsHistory: boolean;
  /** Words damaged on their way, between or behind words that were heard. */
  readonly lostInTransit: number;
  /** All words that were to be heard. Above 5 % lost a run is void. */
  readonly words: number;
  readonly turns: readonly TurnVerdict[];
}

/** What the emulated voice spoke in each turn, from its journal: context ids end in the number of the agent's turn. */
export function spokenByTurn(journal: Journal, callKey: string): Map<number, SpokenWord[]> {
  const turns = new Map<number, SpokenWord[]>();
  for (const entry of journal.entries({ type: 'speech.generated' })) {
    const [, id = '', turn] = /^(.*)-\d+-(\d+)(?:v\d+)?(?:\.\d+)?$/.exec(String(entry['context'])) ?? [];
    if (turn === undefined || id !== safeName(callKey)) continue;
    const words = entry['words'] as readonly SpokenWord[];
    turns.set(Number(turn), [...(turns.get(Number(turn)) ?? []), ...words]);
  }
  return turns;
}

/** Holds the ear against the history, turn by turn. Sound is the truth: only the numbers read from it count. */
export function judge(
  spoken: ReadonlyMap<number, readonly SpokenWord[]>,
  heard: readonly HeardWord[],
  history: readonly HistoryTurn[],
): Verdict {
  const numbers = new Set(heard.map(({ number }) => number));
  const turns = [...history, ...unwritten(spoken, history)]
    .map((turn) => judgeTurn(turn, spoken.get(turn.turn) ?? [], numbers))
    .filter(({ heard, inHistory }) => heard > 0 || inHistory > 0);
  // Stored phrases are heard in no turn of the voice's; a history that knows of nothing cannot hold them.
  const blank = history.length === 0 && heard.length > mostAtCut;
  return {
    heardEqualsHistory: !blank && turns.every(({ agrees }) => agrees),
    lostInTransit: turns.reduce((sum, { lost }) => sum + lost, 0),
    words: turns.reduce((sum, { heard }) => sum + heard, 0),
    turns,
  };
}

/** Turns the voice spoke in and the history does not have: cut before their first word, or the history is wrong. */
const unwritten = (spoken: ReadonlyMap<number, unknown>, history: readonly HistoryTurn[]): HistoryTurn[] =>
  [...spoken.keys()]
    .filter((turn) => history.every((written) => written.turn !== turn))
    .map((turn) => ({ turn, words: [], cut: true }));

function judgeTurn(
  { turn, words, cut }: HistoryTurn,
  spoken: readonly SpokenWord[],
  numbers: ReadonlySet<number>,
): TurnVerdict {
  const last = spoken.findLastIndex(({ number }) => numbers.has(number));
  const reached = last + 1;
  const missing = spoken.slice(0, reached).filter(({ number }) => !numbers.has(number)).length;
  const inHistory = words.length;
  const sameText = words.every((word, index) => spoken[index]?.text === word);
  // The last word of a turn that was not cut may be damaged like any other.
  const lastLost = !cut && inHistory === reached + 1;
  const agrees = sameText && (lastLost || Math.abs(inHistory - reached) <= (cut ? mostAtCut : 0));
  return { turn, heard: reached + (lastLost ? 1 : 0), inHistory, lost: missing + (lastLost ? 1 : 0), agrees };
}
