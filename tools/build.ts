import { endOnSignals } from './lib/owned.ts';
import { buildConsole } from './build-console.ts';

/** `npm run build`: what must be there before an instance is started for real. */
endOnSignals();
const startedAt = performance.now();
for (const { name, bytes } of await buildConsole())
  console.log(`dist/console/${name.padEnd(42)} ${(bytes / 1000).toFixed(1).padStart(8)} kB`);
console.log(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
