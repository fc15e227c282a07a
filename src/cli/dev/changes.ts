import { type FSWatcher, watch } from 'node:fs';
import { join, relative } from 'node:path';
import { createBell } from '../../runtime/bell.ts';

const settledAfterMs = 200;
const code = /\.(?:[cm]?[jt]s|json)$/;
const others = /(?:^|\/)(?:node_modules|\.[^/]*)(?:\/|$)|\.test\.[jt]s$/;

export interface WatchedFolder {
  readonly path: string;
  /** With all that lies below it. */
  readonly deep: boolean;
}

/** What code was changed, named from where we are, once nothing was written for a moment. Ends when the signal aborts. */
export async function* changesOf(
  folders: readonly WatchedFolder[],
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  const bell = createBell(signal);
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const see = (folder: string) => (_: unknown, name: string | null) => {
    if (name === null || !code.test(name) || others.test(name)) return;
    changed.add(shown(join(folder, name)));
    clearTimeout(timer);
    timer = setTimeout(bell.ring, settledAfterMs);
  };
  const watchers = folders.map(({ path, deep }): FSWatcher => watch(path, { recursive: deep }, see(path)));
  try {
    while (!signal.aborted) {
      await bell.rung();
      bell.reset();
      const files = [...changed].toSorted();
      changed.clear();
      if (files.length > 0 && !signal.aborted) yield files;
    }
  } finally {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    bell.release();
  }
}

/** From where we are, where it lies below. */
function shown(path: string): string {
  const near = relative('.', path);
  return near.startsWith('..') ? path : near;
}
