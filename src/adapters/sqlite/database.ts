import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pid } from 'node:process';
import { Worker } from 'node:worker_threads';
import { StoreUnavailable } from '../../runtime/call-store.ts';
import type { StoreTrouble } from '../../runtime/call-store.ts';
import type { Operations } from './operations.ts';
import type { Question, WorkerNews } from './protocol.ts';

/** Asks the database thread. */
export interface Database {
  ask<Op extends keyof Operations>(op: Op, ...args: Parameters<Operations[Op]>): Promise<ReturnType<Operations[Op]>>;
  /** Answers what was asked, then closes the file. Idempotent. */
  close(): Promise<void>;
  /** Why nothing can be asked any more, if so. */
  trouble(): StoreUnavailable | undefined;
}

interface DatabaseOptions {
  /** Made when missing, for this user's eyes only. */
  readonly dir: string;
  /** Questions that may wait; more are refused as `full`. */
  readonly maxPending?: number;
}

const fileName = 'voicechart.db';
const pidName = 'voicechart.pid';
// tsc leaves this name as it is: the thread's file has the ending of this one, .ts or .js.
const workerUrl = new URL(`./worker${import.meta.url.slice(-3)}`, import.meta.url);

/** Opens the file of a data folder for this process alone. Rejects with `StoreUnavailable`, `locked` when another one has it. */
export async function openDatabase({ dir, maxPending = 5_000 }: DatabaseOptions): Promise<Database> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const worker = new Worker(workerUrl, { workerData: { file: join(dir, fileName) } });
  const opening = await firstNews(worker);
  if (!('opened' in opening) || !opening.opened) throw await refusal(dir, opening);
  await writeFile(join(dir, pidName), String(pid));
  return createDatabase(worker, maxPending);
}

function firstNews(worker: Worker): Promise<WorkerNews> {
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve({ opened: false, failed: error.message, locked: false });
    worker.once('error', failed);
    worker.once('message', (news: WorkerNews) => {
      worker.off('error', failed);
      resolve(news);
    });
  });
}

async function refusal(dir: string, news: WorkerNews): Promise<StoreUnavailable> {
  const { failed, locked } = 'failed' in news ? news : { failed: 'no answer', locked: false };
  if (!locked) return new StoreUnavailable('broken', `${join(dir, fileName)}: ${failed}`);
  const owner = await readFile(join(dir, pidName), 'utf8').catch(() => 'unknown');
  const hint = 'one data folder serves one process: stop the other one, or give this one a DATA_DIR of its own';
  return new StoreUnavailable('locked', `${join(dir, fileName)} is in use by another process (pid ${owner}); ${hint}`);
}

interface Asked {
  readonly resolve: (value: never) => void;
  readonly reject: (error: StoreUnavailable) => void;
}

function createDatabase(worker: Worker, maxPending: number): Database {
  const pending = new Map<number, Asked>();
  let lastId = 0;
  let trouble: StoreUnavailable | undefined;

  const settle = (news: WorkerNews): void => {
    for (const answer of 'answers' in news ? news.answers : []) {
      const asked = pending.get(answer.id);
      pending.delete(answer.id);
      if ('error' in answer) asked?.reject(new StoreUnavailable(answer.error.code, answer.error.message));
      else asked?.resolve(answer.value as never);
    }
  };
  const fail = (code: StoreTrouble, message: string): void => {
    trouble ??= new StoreUnavailable(code, message);
    for (const asked of pending.values()) asked.reject(trouble);
    pending.clear();
  };
  worker.on('message', settle);
  worker.on('error', (error) => fail('broken', `the database thread failed: ${error.message}`));
  const gone = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      fail('closed', 'the database is closed');
      resolve();
    });
  });

  const send = async (op: Question['op'], args: readonly unknown[]): Promise<never> => {
    lastId += 1;
    const id = lastId;
    const asked = Promise.withResolvers<never>();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    worker.postMessage({ id, op, args } satisfies Question);
    pending.set(id, asked);
    return asked.promise;
  };

  return {
    async ask(op, ...args) {
      if (trouble !== undefined) throw trouble;
      if (pending.size >= maxPending)
        throw new StoreUnavailable('full', `${maxPending} questions wait for the database already`);
      return send(op, args);
    },
    async close() {
      if (trouble === undefined) {
        const closing = send('close', []);
        trouble = new StoreUnavailable('closed', 'the database is closed');
        await closing.catch(() => {});
      }
      await gone;
    },
    trouble: () => trouble,
  };
}
