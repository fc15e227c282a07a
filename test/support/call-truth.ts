import type { TestCall } from './call-world.ts';

/** What of the history the ear did not hear, and of what it heard the history does not hold. */
export interface Untruth {
  readonly unheard: readonly string[];
  readonly unwritten: readonly string[];
  /** What may be: one word at each cut, and what was damaged on its way. */
  readonly allowed: number;
}

/**
 * Holds the agent's lines against the ear by their texts, in order: unlike `verdict` also for phrases that were stored
 * before the call.
 */
export function untruthOf({ story, phone }: Pick<TestCall, 'story' | 'phone'>): Untruth {
  const lines = [...story().lines.values()].filter(({ who }) => who === 'agent').toSorted((a, b) => a.turn - b.turn);
  const written = lines.flatMap(({ text }) => text.split(' ').filter(Boolean));
  const heard = phone.heard().map(({ text }) => text);
  const { left, right } = apart(written, heard);
  const damaged = phone.events().filter(({ type }) => type === 'heard.damaged').length;
  const lost = Math.max(damaged, Math.ceil(written.length * 0.05));
  return { unheard: left, unwritten: right, allowed: lines.filter(({ cut }) => cut).length + lost };
}

/** What is in one list only, after the longest order that both share was taken out. */
function apart(left: readonly string[], right: readonly string[]): { left: string[]; right: string[] } {
  const common = Array.from({ length: left.length + 1 }, () => Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i -= 1)
    for (let j = right.length - 1; j >= 0; j -= 1)
      common[i]![j] =
        left[i] === right[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const only = { left: [] as string[], right: [] as string[] };
  for (let i = 0, j = 0; i < left.length || j < right.length;) {
    if (i < left.length && j < right.length && left[i] === right[j]) [i, j] = [i + 1, j + 1];
    else if (j === right.length || (i < left.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      only.left.push(left[i++]!);
    else only.right.push(right[j++]!);
  }
  return only;
}
