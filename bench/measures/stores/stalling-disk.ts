// Loaded before the program, in its threads too: the commit that finds the file named by STALL_FILE takes two seconds.
import { existsSync, rmSync } from 'node:fs';
import { env } from 'node:process';
import { DatabaseSync } from 'node:sqlite';

const stallMs = 2_000;
const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function stalling(sql: string): void {
  const file = env['STALL_FILE'];
  if (sql === 'commit' && file !== undefined && existsSync(file)) {
    rmSync(file);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
  }
  exec.call(this, sql);
};
