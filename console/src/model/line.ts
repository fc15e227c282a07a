import type { LogEntry } from '../../../src/runtime/call-log.ts';

/** One line of the transcript as it stands. */
export interface Line {
  readonly id: string;
  readonly turn: number;
  readonly who: 'agent' | 'caller' | 'tool';
  /** When its first word was heard; until then, when it was first known of. What is read is in this order. */
  readonly saidAt: number;
  /** Said, or for the agent: heard by the caller; of a tool: its result. */
  readonly text: string;
  /** Not heard: when `cut`, never; else not yet. */
  readonly unheard: string;
  readonly cut: boolean;
  readonly finished: boolean;
  readonly backchannel: boolean;
  /** Of a backchannel: how long the caller's voice was heard. Unknown while it goes on. */
  readonly lastedMs?: number;
  /** Of a tool. */
  readonly name: string;
  readonly input: string;
  readonly ok: boolean | undefined;
}

/** A later entry of the same line replaces it. */
export const lineId = ({ data }: Pick<LogEntry & { kind: 'line' }, 'data'>): string =>
  String(data['id'] ?? `${data.who}-${data.turn}`);

/** `now` is the moment the entry speaks of, `before` the same line as it stood. */
export function lineOf({ at, data, pii }: LogEntry & { kind: 'line' }, before: Line | undefined, now: number): Line {
  return {
    id: lineId({ data }),
    turn: data.turn,
    who: data.who,
    saidAt: data.who === 'agent' ? saidAt(before, pii.text !== '', now) : (before?.saidAt ?? at),
    text: pii.text,
    unheard: pii.unheard ?? '',
    cut: data.cut ?? false,
    finished: data['finished'] === true,
    backchannel: data['backchannel'] === true,
    ...(before?.lastedMs === undefined ? {} : { lastedMs: before.lastedMs }),
    name: asText(data['name']),
    input: asText(pii['input']),
    ok: typeof data['ok'] === 'boolean' ? data['ok'] : undefined,
  };
}

/** The time an agent's line bears is that of what it follows: of one that a timer began, the last sound before it. */
const saidAt = (before: Line | undefined, isHeard: boolean, now: number): number =>
  !before || (isHeard && before.text === '') ? now : before.saidAt;

/** A stretch of the caller's voice. */
export interface Voice {
  readonly from: number;
  readonly until?: number;
}

/** A backchannel is noted while it is said, or a moment after. */
export function lastedAs(voice: Voice | undefined, line: Line): Line {
  if (!line.backchannel || line.lastedMs !== undefined || voice?.until === undefined) return line;
  return { ...line, lastedMs: voice.until - voice.from };
}

const asText = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** Lines a reader sees, in the order they were heard: an agent's line without a word of it yet is one that is being thought of. */
export const shownLines = (lines: ReadonlyMap<string, Line>, live: boolean): Line[] =>
  [...lines.values()]
    .filter((line) => line.who !== 'agent' || line.text !== '' || line.unheard !== '' || (live && !line.cut))
    .sort((a, b) => a.saidAt - b.saidAt);
