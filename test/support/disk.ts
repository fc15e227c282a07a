import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ToolLine } from '../../src/machines/call/context.ts';
import type { CallRecord } from '../../src/runtime/call-store.ts';

/** What a process that took a call over now would find: the database as it lies on the disk. Its owner has it for itself, so a copy is read. */
export function recordOnDisk(dataDir: string, callKey: string): CallRecord | undefined {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-disk-'));
  try {
    for (const name of ['voicechart.db', 'voicechart.db-wal']) copyFileSync(join(dataDir, name), join(dir, name));
    const db = new DatabaseSync(join(dir, 'voicechart.db'));
    const row = db.prepare('select record from calls where call_key = ?').get(callKey) as { record: string | null };
    db.close();
    return row?.record ? (JSON.parse(row.record) as CallRecord) : undefined;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The tools that a record says were started. */
export const toolsIn = (record: CallRecord | undefined): ToolLine[] =>
  (record?.context as { history: ToolLine[] } | undefined)?.history.filter(({ who }) => who === 'tool') ?? [];
