import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endOnSignals, spawnOwned } from './lib/owned.ts';

/**
 * The conversation suite alone: real voices over the real server, judged by code. `--write` puts the tables into
 * docs/conversation.md, `--logs` keeps each call's log and verdicts in a folder.
 */
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false }, logs: { type: 'string' } } });
const root = resolve(import.meta.dirname, '..');
if (values.logs) mkdirSync(values.logs, { recursive: true });
endOnSignals();
const vitest = spawnOwned(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', '--project', 'calls', 'test/calls/conversation.test.ts'],
  {
    cwd: root,
    env: {
      ...process.env,
      VOICECHART_SUITE: '1',
      ...(values.write ? {} : { VOICECHART_DOCS: 'keep' }),
      ...(values.logs ? { VOICECHART_LOGS: resolve(values.logs) } : {}),
    },
    onOutput: (text) => void process.stdout.write(text),
  },
);
const { code } = await vitest.exited;
process.exit(code ?? 1);
