import type { HistoryLine } from '../machines/call/context.ts';
import type { LogDraft } from './call-log.ts';

type LineDraft = Extract<LogDraft, { kind: 'line' }>;

/** Log entries for the lines of a history that are new or have changed since `before`. */
export const changedLines = (before: readonly HistoryLine[], after: readonly HistoryLine[]): LineDraft[] =>
  after.filter((line) => !before.includes(line)).map(lineEntry);

/** Lines that were taken back, such as a turn the caller went on with: shown as gone. */
export const removedLines = (before: readonly HistoryLine[], after: readonly HistoryLine[]): LineDraft[] =>
  before
    .filter((line) => !after.some((each) => each.who === line.who && each.turn === line.turn && each.at === line.at))
    .map((line) => ({ ...lineEntry(line), data: { ...lineEntry(line).data, removed: true } }));

function lineEntry(line: HistoryLine): LineDraft {
  const { turn, who, at } = line;
  if (line.who === 'caller')
    return {
      at,
      kind: 'line',
      data: { turn, who, lineAt: at, backchannel: line.backchannel ?? false },
      pii: { text: line.text },
    };
  if (line.who === 'tool') {
    const { name, key, ok, effect } = line;
    return {
      at,
      kind: 'line',
      data: { turn, who, lineAt: at, name, ok, effect },
      pii: { text: line.text ?? '', input: line.input, key },
    };
  }
  const unheard = line.owed.split(/\s+/).filter(Boolean).slice(line.heard.length).join(' ');
  return {
    at,
    kind: 'line',
    data: { turn, who, lineAt: at, ask: line.ask, cut: line.cut, finished: line.finished, heardMs: line.heardMs },
    pii: { text: line.heard.join(' '), ...(unheard ? { unheard } : {}) },
  };
}
