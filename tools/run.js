// Plain JavaScript on purpose: it must run on whatever Node the machine has, to say that it is the wrong one.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const wantedMajor = 24;
const [major] = process.versions.node.split('.').map(Number);
if (major < wantedMajor) {
  console.error(
    `Voicechart runs on Node ${wantedMajor} or newer and this is ${process.version}.\n` +
      'The npm package "node" brings it, but its install script did not run.\n' +
      'Run `npm ci` again without --ignore-scripts (npm 12 reads "allowScripts" in package.json), and start by `npm run …`.',
  );
  process.exit(1);
}
const [script, ...rest] = process.argv.slice(2);
process.argv = [process.argv[0], resolve(script), ...rest];
await import(pathToFileURL(resolve(script)).href);
