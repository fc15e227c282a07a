import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorsPage } from './errors/page.ts';

const path = fileURLToPath(new URL('../docs/errors.md', import.meta.url));

if (process.argv.includes('--write')) writeFileSync(path, errorsPage());
else if (readFileSync(path, 'utf8') !== errorsPage()) {
  console.error('docs/errors.md is not what the source says: node tools/run.js tools/errors.ts --write');
  process.exitCode = 1;
}
