import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { made } from './made.ts';

/** Writes the dashboard and the table of docs/metrics.md; without `--write` it says what is not as it would be written. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
for (const [name, text] of Object.entries(made(root))) {
  const path = `${root}${name}`;
  if (values.write) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${name} is not what it is made of: --write mends it`);
    process.exitCode = 1;
  }
}
