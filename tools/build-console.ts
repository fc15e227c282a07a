import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../dist/console/index.html', import.meta.url));

/** Builds the console when it was not built yet. */
export async function ensureConsole(tell: (line: string) => void): Promise<void> {
  if (existsSync(folder) || !existsSync(fileURLToPath(new URL('../console/index.html', import.meta.url)))) return;
  tell('building the console (once) …');
}
