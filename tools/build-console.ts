import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd } from './lib/owned.ts';

export interface BuiltFile {
  /** Below `dist/console`. */
  readonly name: string;
  readonly bytes: number;
}

const source = fileURLToPath(new URL('../console', import.meta.url));
/** The layouts are made from them. */
const machines = fileURLToPath(new URL('../src/machines', import.meta.url));
const target = fileURLToPath(new URL('../dist/console', import.meta.url));
const page = join(target, 'index.html');

/**
 * Builds the operator's console into `dist/console`. It is built beside it and put in place at once: two who build at the
 * same time do not meet, and a door that serves the old one is not left with half of it.
 */
export async function buildConsole(): Promise<readonly BuiltFile[]> {
  const startedAt = new Date();
  mkdirSync(dirname(target), { recursive: true });
  const fresh = mkdtempSync(`${target}-`);
  const forget = atEnd(() => rmSync(fresh, { recursive: true, force: true }));
  // Only who builds needs them, and loading them takes a while.
  const [{ build }, { writeLayouts }] = await Promise.all([import('vite'), import('./lib/console-layouts.ts')]);
  await build({ configFile: join(source, 'vite.config.ts'), logLevel: 'warn', build: { outDir: fresh } });
  await writeLayouts(join(fresh, 'layouts'));
  // What is changed while it is being built is newer than it.
  utimesSync(join(fresh, 'index.html'), startedAt, startedAt);
  putInPlace(fresh);
  forget();
  return filesIn(target).map((file) => ({ name: file.slice(target.length + 1), bytes: statSync(file).size }));
}

function putInPlace(fresh: string): void {
  chmodSync(fresh, 0o755);
  for (;;)
    try {
      rmSync(target, { recursive: true, force: true });
      return renameSync(fresh, target);
    } catch (error) {
      // Somebody else's was put there in between.
      if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
}

/** Builds the console when it was not built yet, or is older than what it is made of. */
export async function ensureConsole(tell: (line: string) => void): Promise<void> {
  if (isFresh()) return;
  tell('building the console …');
  await buildConsole();
}

function isFresh(): boolean {
  if (!existsSync(page)) return false;
  const builtAt = statSync(page).mtimeMs;
  return [source, machines].flatMap(filesIn).every((file) => statSync(file).mtimeMs <= builtAt);
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
