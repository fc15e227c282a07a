import type { CallRecord, CallStore } from './call-store.ts';

/**
 * A record in pieces that change apart, as JSON texts by name: what is not context (`head`), each field of the context (`c:…`),
 * and each line of its history (`h:…`), which only grows but for its last lines. A commit writes what has changed.
 */
export type RecordTexts = Readonly<Record<string, string>>;

export interface RecordChange {
  readonly callKey: string;
  readonly epoch: number;
  readonly seq: number;
  readonly mailCursor: number;
  /** The commit of this epoch that it changes; left out: `put` is the whole record. */
  readonly base?: number;
  readonly put: RecordTexts;
  readonly drop: readonly string[];
}

/** `behind`: the stored record is not the one that the change was made of. */
export type ChangeAnswer = 'committed' | 'fenced' | 'behind';

interface Piece {
  readonly value: unknown;
  readonly text: string;
}
type Pieces = ReadonlyMap<string, Piece>;

interface Saved {
  readonly epoch: number;
  readonly seq: number;
  readonly pieces: Pieces;
}

const mostRemembered = 2_000;

/** Commits by what has changed since the last commit that this process made; the whole record where that is not known for sure. */
export function committing(save: (change: RecordChange) => Promise<ChangeAnswer>): {
  readonly commit: CallStore['commit'];
  forget(callKey: string): void;
} {
  const last = new Map<string, Saved>();

  function remember(record: CallRecord, pieces: Pieces): void {
    last.set(record.callKey, { epoch: record.epoch, seq: record.seq, pieces });
    const [oldest] = last.keys();
    if (last.size > mostRemembered && oldest !== undefined) last.delete(oldest);
  }
  return {
    async commit(record) {
      const before = last.get(record.callKey);
      const known = before?.epoch === record.epoch ? before : undefined;
      // Until it is answered nobody can say what is stored.
      last.delete(record.callKey);
      const pieces = piecesOf(record, known?.pieces);
      let answer = await save(changeOf(record, pieces, known));
      if (answer === 'behind') answer = await save(changeOf(record, pieces));
      if (answer === 'committed') remember(record, pieces);
      return answer === 'committed' ? 'committed' : 'fenced';
    },
    forget: (callKey) => void last.delete(callKey),
  };
}

function changeOf(record: CallRecord, pieces: Pieces, known?: Saved): RecordChange {
  const { callKey, epoch, seq, mailCursor } = record;
  const changed = [...pieces].filter(([name, { text }]) => known?.pieces.get(name)?.text !== text);
  return {
    callKey,
    epoch,
    seq,
    mailCursor,
    ...(known && { base: known.seq }),
    put: Object.fromEntries(changed.map(([name, { text }]) => [name, text])),
    drop: [...(known?.pieces.keys() ?? [])].filter((name) => !pieces.has(name)),
  };
}

function piecesOf(record: CallRecord, before?: Pieces): Pieces {
  const pieces = new Map<string, Piece>();
  for (const [name, value] of partsOf(record)) {
    const same = before?.get(name);
    // A context is never changed in place.
    const text: string | undefined = same && same.value === value ? same.text : JSON.stringify(value);
    if (text !== undefined) pieces.set(name, { value, text });
  }
  return pieces;
}

function* partsOf({ context, ...head }: CallRecord): Generator<[string, unknown]> {
  if (!isFields(context)) return yield ['head', { ...head, context }];
  const { history, ...fields } = context;
  const lines = Array.isArray(history) ? history : undefined;
  yield ['head', { ...head, ...(lines && { lines: lines.length }) }];
  for (const [name, value] of Object.entries(lines ? fields : context)) yield [`c:${name}`, value];
  for (const [index, line] of lines?.entries() ?? []) yield [`h:${index}`, line];
}

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The record that was taken apart so; nothing, when there is none. */
export function recordOf(texts: RecordTexts): CallRecord | undefined {
  if (texts['head'] === undefined) return undefined;
  const { lines, ...head } = JSON.parse(texts['head']) as CallRecord & { readonly lines?: number };
  if ('context' in head) return head;
  const fields = Object.entries(texts).filter(([name]) => name.startsWith('c:'));
  const context = Object.fromEntries(fields.map(([name, text]) => [name.slice(2), JSON.parse(text) as unknown]));
  return { ...(head as CallRecord), context: { ...context, ...(lines !== undefined && historyOf(texts, lines)) } };
}

const historyOf = (texts: RecordTexts, lines: number): { readonly history: readonly unknown[] } => ({
  history: Array.from({ length: lines }, (_, index) => JSON.parse(texts[`h:${index}`] ?? 'null')),
});
