import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { elapsed } from './lib/elapsed.ts';
import { atEnd, spawnOwned, type OwnedChild } from './lib/owned.ts';
import { closingLine, readResults } from './lib/vitest-results.ts';
import { findLivekitServer } from './services/livekit-server.ts';
import { providePackages } from './services/packages.ts';

/** `npm test`: everything that must hold before a change is done, in order; the first failure ends it. */
const root = resolve(import.meta.dirname, '..');
const bin = join(root, 'node_modules/.bin');
const { values } = parseArgs({ options: { suite: { type: 'boolean', default: false } } });
const env = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
  ...(values.suite ? { VOICECHART_SUITE: '1' } : {}),
  ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
};
const gentleEndMs = 2000;
const startedMs = performance.now();
let current: OwnedChild | undefined;
let isEnding = false;

for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 })) {
  process.on(signal, () => void endBy(code));
}

await step('packages', packages);
await step('livekit-server', livekitServer);
await step('format', program('oxfmt', '--check'));
await step('lint', program('oxlint'));
await step('types', program('tsc', '-p', '.'));
if (existsSync(join(root, 'console/tsconfig.json')))
  await step('types of the console', program('tsc', '-p', 'console'));
if (existsSync(join(root, 'knip.json'))) await step('unused', program('knip'));
if (existsSync(join(root, 'tools/spec-check.ts'))) await step('spec', program('node', 'tools/spec-check.ts'));
await tests();

/** Prints what is going on, and how long it took; ends the program when it failed. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  const sinceMs = performance.now();
  try {
    const value = await work();
    console.log(`ok      ${name}  ${elapsed(sinceMs)}`);
    return value;
  } catch (error) {
    console.log(`\n${error instanceof Error ? error.message : String(error)}`);
    console.log(`FAILED  ${name}  ${elapsed(sinceMs)}`);
    return process.exit(1);
  }
}

/** A program that must succeed; what it says is shown when it does not. */
function program(command: string, ...args: readonly string[]): () => Promise<void> {
  return async () => {
    const said: string[] = [];
    const code = await runHere(command, args, (text) => said.push(text));
    if (code !== 0)
      throw new Error(`${said.join('').trim()}\n\n\`${[command, ...args].join(' ')}\` ended with ${code}`);
  };
}

async function runHere(command: string, args: readonly string[], onOutput: (text: string) => void): Promise<number> {
  current = spawnOwned(command, args, { cwd: root, env, onOutput });
  const { code, error } = await current.exited;
  // The one who ends the program says with which code.
  if (isEnding) await new Promise(() => {});
  if (error) onOutput(error.message);
  return code ?? 137;
}

async function packages(): Promise<void> {
  const missing = await providePackages({ progress: console.log });
  if (missing.length > 0) throw new Error(missing.join('\n'));
}

async function livekitServer(): Promise<void> {
  if (await findLivekitServer({ progress: console.log })) return;
  throw new Error('livekit-server is missing: put one on the PATH, or install Go 1.24 or newer, or start Docker');
}

async function tests(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-check-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'vitest.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await runHere('vitest', ['run', ...reporters], (text) => void process.stdout.write(text));
  const results = readResults(file, code === 0);
  console.log(`\neverything took ${elapsed(startedMs)}`);
  if (results.skipped > 0) console.log(`${results.skipped} skipped`);
  console.log(closingLine(results));
  process.exit(results.failed > 0 ? 1 : 0);
}

/** Vitest gets a moment to end its own children; a second signal does not wait. What is left is killed at exit. */
async function endBy(code: number): Promise<void> {
  if (isEnding) process.exit(code);
  isEnding = true;
  current?.terminate();
  await Promise.race([current?.exited, new Promise((resolve) => void setTimeout(resolve, gentleEndMs))]);
  process.exit(code);
}
