import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { StoreUnavailable } from '../../runtime/call-store.ts';
import { createOperations } from './operations.ts';
import { prepare } from './schema.ts';
import type { Answer, Question, WorkerNews } from './protocol.ts';

/**
 * The thread that owns the file. Questions that came while the last batch was written are the next batch: one transaction and
 * one fsync for all of them, and no answer before it is on disk.
 */
function serve(db: DatabaseSync, post: (news: WorkerNews) => void): (question: Question) => void {
  const operations = createOperations(db);
  let batch: Question[] = [];
  const flush = (): void => {
    const questions = batch;
    batch = [];
    post({ answers: answerAll(db, operations, questions) });
    if (questions.some((question) => question.op === 'close')) parentPort?.close();
  };
  return (question) => {
    if (batch.push(question) === 1) setImmediate(flush);
  };
}

type Operation = (...args: readonly unknown[]) => unknown;

function answerAll(db: DatabaseSync, operations: object, questions: readonly Question[]): Answer[] {
  try {
    db.exec('begin immediate');
    const answers = questions.map((question) => answerOne(db, operations as Record<string, Operation>, question));
    db.exec('commit');
    if (questions.some((question) => question.op === 'close')) db.close();
    return answers;
  } catch (error) {
    if (db.isOpen && db.isTransaction) db.exec('rollback');
    return questions.map(({ id }) => ({ id, error: troubleOf(error) }));
  }
}

/** A question that fails takes back what it wrote, not what the others did. */
function answerOne(db: DatabaseSync, operations: Record<string, Operation>, { id, op, args }: Question): Answer {
  if (op === 'close') return { id, value: undefined };
  db.exec('savepoint one');
  try {
    const value = operations[op]?.(...args);
    db.exec('release one');
    return { id, value };
  } catch (error) {
    db.exec('rollback to one; release one');
    return { id, error: troubleOf(error) };
  }
}

function troubleOf(error: unknown): { code: StoreUnavailable['code']; message: string } {
  if (error instanceof StoreUnavailable) return { code: error.code, message: error.message };
  return { code: 'broken', message: error instanceof Error ? error.message : 'unknown trouble' };
}

function open(file: string): { readonly db: DatabaseSync } | { readonly failed: string; readonly locked: boolean } {
  try {
    const db = new DatabaseSync(file, { timeout: 0 });
    prepare(db);
    return { db };
  } catch (error) {
    const failed = error instanceof Error ? error.message : 'unknown trouble';
    return { failed, locked: /database is locked/.test(failed) };
  }
}

const port = parentPort;
if (port !== null) {
  const post = (news: WorkerNews): void => port.postMessage(news);
  const opened = open((workerData as { readonly file: string }).file);
  if ('db' in opened) port.on('message', serve(opened.db, post));
  post('db' in opened ? { opened: true } : { opened: false, ...opened });
  if (!('db' in opened)) port.close();
}
