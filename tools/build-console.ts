import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Builds the operator's console into `dist/console`, or into a folder of one's own. */
export async function buildConsole(into = target): Promise<readonly BuiltFile[]> {
  // Only who builds needs it, and loading it takes a while.
  const { build } = await import('vite');
  const { writeLayouts } = await import('./lib/console-layouts.ts');
  await build({ configFile: join(source, 'vite.config.ts'), logLevel: 'warn', build: { outDir: resolve(into) } });
  await writeLayouts(join(into, 'layouts'));
  return filesIn(into).map((file) => ({ name: file.slice(resolve(into).length + 1), bytes: statSync(file).size }));
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
  readdirSync(resolve(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
