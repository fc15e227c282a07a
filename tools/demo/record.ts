import type { HistoryTurn } from '../../emulators/verdict.ts';
import { conversationStates } from '../../src/cli/conversation-states.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';

export { conversationStates } from '../../src/cli/conversation-states.ts';

export interface ShownLine {
  readonly id: string;
  readonly turn: number;
  readonly who: 'agent' | 'caller' | 'tool';
  readonly text: string;
  readonly unheard: string;
  readonly cut: boolean;
  readonly finished: boolean;
  readonly backchannel: boolean;
  readonly name: string;
}

/** What a call's log comes to: transcript, states in the order they were first seen, counts, how it ended. */
export interface CallStory {
  readonly lines: ReadonlyMap<string, ShownLine>;
  readonly states: readonly string[];
  readonly bargeIns: number;
  readonly ended: string;
}

/** Folds log entries; `take` gives back what changed for a reader. */
export function createStory(): { take(entry: LogEntry): void; story(): CallStory } {
  const lines = new Map<string, ShownLine>();
  const states: string[] = [];
  let ended = '';
  return {
    take(entry) {
      if (entry.kind === 'line') takeLine(lines, entry);
      if (entry.kind === 'state' && entry.data.machine === 'call')
        for (const name of conversationStates(entry.data.value)) if (!states.includes(name)) states.push(name);
      if (entry.kind === 'call' && entry.data.what === 'ended') ended = entry.data.why;
    },
    story: () => ({ lines, states, ended, bargeIns: [...lines.values()].filter(isCut).length }),
  };
}

/** The caller took the floor while something was still to be said. */
const isCut = (line: ShownLine): boolean => line.who === 'agent' && line.cut && line.text !== '';

function takeLine(lines: Map<string, ShownLine>, entry: LogEntry & { kind: 'line' }): void {
  const data = entry.data as typeof entry.data & Readonly<Record<string, unknown>>;
  const id = String(data['id']);
  if (data['removed']) return void lines.delete(id);
  lines.set(id, {
    id,
    turn: data.turn,
    who: data.who,
    text: entry.pii.text,
    unheard: entry.pii.unheard ?? '',
    cut: data.cut ?? false,
    finished: data['finished'] === true,
    backchannel: data['backchannel'] === true,
    name: String(data['name'] ?? ''),
  });
}

/** The agent's turns for the comparison with the ear; one that its process did not live to finish is cut, too. */
export const agentTurns = (story: CallStory): HistoryTurn[] =>
  [...story.lines.values()]
    .filter(({ who }) => who === 'agent')
    .map(({ turn, text, cut, finished }) => ({ turn, words: text.split(' ').filter(Boolean), cut: cut || !finished }));
