import { unheardOf } from '../machines/call/said.ts';
import type { HistoryLine } from '../machines/call/context.ts';
import type { LogDraft } from './call-log.ts';

type LineDraft = Extract<LogDraft, { kind: 'line' }>;

/** Log entries for what a reader sees change between two histories: new and changed lines, and lines taken back. */
export function transcriptChanges(before: readonly HistoryLine[], after: readonly HistoryLine[]): LineDraft[] {
  const shown = new Map(before.map((line) => [idOf(line), line]));
  const kept = new Set(after.map(idOf));
  const changed = after.filter((line) => {
    const old = shown.get(idOf(line));
    return old !== line && (!old || JSON.stringify(entryOf(old)) !== JSON.stringify(entryOf(line)));
  });
  const removed = before.filter((line) => !kept.has(idOf(line)));
  return [...removed.map((line) => withMark(entryOf(line))), ...changed.map(entryOf)];
}

const withMark = (entry: LineDraft): LineDraft => ({ ...entry, data: { ...entry.data, removed: true } });

/** Names a line within its call: a changed one replaces what was shown under the same name. */
function idOf(line: HistoryLine): string {
  if (line.who === 'agent') return `agent-${line.turn}`;
  if (line.who === 'tool') return `tool-${line.turn}-${line.id}`;
  return line.backchannel ? `backchannel-${line.utterances[0]?.id}` : `caller-${line.turn}`;
}

function entryOf(line: HistoryLine): LineDraft {
  const { turn, who, at } = line;
  const id = idOf(line);
  if (line.who === 'caller')
    return {
      at,
      kind: 'line',
      data: { id, turn, who, backchannel: line.backchannel ?? false },
      pii: { text: line.text },
    };
  if (line.who === 'tool') {
    const { name, ok, effect } = line;
    return {
      at,
      kind: 'line',
      data: { id, turn, who, name, ok, effect },
      pii: { text: line.text ?? '', input: line.input },
    };
  }
  const unheard = unheardOf(line);
  return {
    at,
    kind: 'line',
    data: { id, turn, who, ask: line.ask, cut: line.cut, finished: line.finished },
    pii: { text: line.heard.join(' '), ...(unheard ? { unheard } : {}) },
  };
}
