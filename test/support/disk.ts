import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ToolLine } from '../../src/machines/call/context.ts';
import type { CallRecord } from '../../src/runtime/call-store.ts';
import { recordOf } from '../../src/runtime/record-parts.ts';

/** What a process that took a call over now would find: the database as it lies on the disk. Its owner has it for itself, so a copy is read. */
export function recordOnDisk(dataDir: string, callKey: string): CallRecord | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-disk-'));
  try {
    for (const name of ['voicechart.db', 'voicechart.db-wal']) copyFileSync(join(dataDir, name), join(dir, name));
    const db = new DatabaseSync(join(dir, 'voicechart.db'));
    const pieces = db.prepare('select name, text from pieces where call_key = ?').all(callKey);
    db.close();
    return recordOf(Object.fromEntries(pieces.map((piece) => [String(piece['name']), String(piece['text'])])));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The tools that a record says were started. */
export const toolsIn = (record: CallRecord | undefined): ToolLine[] =>
  (record?.context as { history: ToolLine[] } | undefined)?.history.filter(({ who }) => who === 'tool') ?? [];
