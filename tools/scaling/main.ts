import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { made } from './made.ts';
import { played } from './plays.ts';

/** Plays recorded load and prints what came of it; `--write` makes the rules and manifests anew. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
for (const [name, text] of Object.entries(made())) {
  if (values.write) writeFileSync(`${root}${name}`, text);
  else if (readFileSync(`${root}${name}`, 'utf8') !== text) {
    console.error(`${name} is not what it is made of: --write mends it`);
    process.exitCode = 1;
  }
}
console.log(
  'demand             | instances | changes | turns (of the demand) | callers waited, at most | longest wait',
);
for (const { name, least, most, changes, turns, turnsOfDemand, mostWaiting, waitedMs } of played()) {
  const cells = [`${least}–${most}`, changes, `${turns} (${turnsOfDemand})`, mostWaiting, `${waitedMs / 1000} s`];
  const widths = [9, 7, 21, 23, 12];
  console.log([name.padEnd(18), ...cells.map((cell, index) => `${cell}`.padStart(widths[index]!))].join(' | '));
}
