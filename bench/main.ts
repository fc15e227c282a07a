import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endOnSignals } from '../tools/lib/owned.ts';
import { loadNow, thisMachine } from './machine.ts';
import { performancePage } from './page.ts';
import { type Report, tableOf } from './report.ts';
import { benchTurn, measureNames } from './turn.ts';

const help = `npm run bench -- turn [options]

Measures a turn over a real livekit-server with emulated vendors: one instance and the phones in processes of their own.

  --turns N     answered turns, over all agents (default 120)
  --calls N     calls at once when their cost is measured (default 10)
  --only NAME   one measure alone: ${measureNames.join(', ')}; may be repeated
  --json        print one JSON object as the last line, and nothing else on stdout
  --write       renew docs/performance.md
  --date DAY    the day to write there (default: today)
  --help        this page

Exit code 1 when a figure misses what is asked. On a machine that others use too, look at the load beside a miss.`;

const page = fileURLToPath(new URL('../docs/performance.md', import.meta.url));

interface Asked {
  readonly turns: number;
  readonly calls: number;
  readonly only: readonly string[];
  readonly json: boolean;
  readonly write: boolean;
  readonly date: string;
}

async function bench({ turns, calls, only, json, write, date }: Asked): Promise<number> {
  endOnSignals();
  const tell = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const machine = thisMachine();
  const troubles: string[] = [];
  const trouble = (line: string) => {
    troubles.push(line);
    tell(`  ! ${line}`);
  };
  tell(`${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, load ${loadNow()}`);
  const figures = await benchTurn({ turns, calls, only, tell, trouble });
  const report: Report = { bench: 'turn', date, machine, figures, troubles };
  tell(`\n${tableOf(figures)}`);
  if (write) writeFileSync(page, performancePage(report));
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return figures.every(({ goals }) => goals.every(({ reached }) => reached)) ? 0 : 1;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name}: a whole number from 1, not ${text}`);
  return value;
}

function readArgs(): Asked | string {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      turns: { type: 'string', default: '120' },
      calls: { type: 'string', default: '10' },
      only: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      date: { type: 'string', default: new Date().toISOString().slice(0, 10) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return help;
  const [what, ...more] = positionals;
  if (what !== 'turn' || more.length > 0) throw new Error(`which benchmark? There is: turn\n\n${help}`);
  const unknown = values.only.find((name) => !measureNames.includes(name));
  if (unknown) throw new Error(`--only: ${measureNames.join(', ')}; not ${unknown}`);
  const { only, json, write, date } = values;
  return {
    only,
    json,
    write,
    date,
    turns: wholeNumber('turns', values.turns),
    calls: wholeNumber('calls', values.calls),
  };
}

try {
  const asked = readArgs();
  if (typeof asked === 'string') console.log(asked);
  else process.exitCode = await bench(asked);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
