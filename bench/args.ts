import { parseArgs } from 'node:util';

/** What `npm run bench -- turn` can measure, in this order. */
export const measureNames = ['replies', 'floor', 'cost'] as const;
export type MeasureName = (typeof measureNames)[number];

/** What `npm run bench -- takeover` can measure, in this order; each has a section of docs/performance.md. */
export const takeoverParts = ['worker', 'instance', 'handover', 'calls', 'redis', 'in-process'] as const;
export type TakeoverPart = (typeof takeoverParts)[number];

const benchNames = ['turn', 'takeover', 'control', 'metrics', 'stores', 'load', 'faults'] as const;
export type BenchName = (typeof benchNames)[number];

/** Its figures have sections of docs/performance.md. */
export const hasSections = (bench: BenchName): boolean => ['turn', 'takeover', 'stores'].includes(bench);

export const help = `npm run bench -- turn|takeover|control|metrics|stores|load|faults [options]

turn measures a turn over a real livekit-server with emulated vendors: one instance and the phones in processes of their own.
takeover kills what runs calls that talk over a real livekit-server, and hears at the callers' ears what becomes of them: a process that
runs calls (worker), a whole instance (instance), one that is asked to stop (handover), one of two with twelve calls (calls), the primary of
their Redis (redis); without a server, processes that run 500 calls whose rooms and callers are in its own process (in-process, three of
about seventeen minutes). It needs redis-server and redis-sentinel, and takes --repetitions, --only, --json and --write.
control measures what signing and reading tokens costs, LiveKit's API through our client, and \`voicechart sip apply\`; of the options
only --json is for it.
metrics measures what the figures of an instance cost: those of a turn, and reading them all; --json is for it.
stores measures what a call's commits write, how soon 2,000 events a second are stored in SQLite and in Redis, the same as signed webhooks
at the door of an instance, and that a disk which stalls holds up nobody (about two minutes); --json and --write are for it.
load has calls come one by one, stay and go, and looks at what the instance uses; it takes --calls, and with --write it renews the
record on which scaling is simulated (about five minutes).
faults plays every fault of every vendor in a call (the suite's test), and some of them in LiveKit Agents JS, which is installed for it
under bench/peers; about half an hour. It takes --ours, --json and --write.

  --turns N     answered turns, over all agents (default 120)
  --calls N     calls at once when their cost is measured (default 10)
  --ours        faults: our own calls alone; what the page says of the peer stays, with its date
  --only NAME   one measure alone; may be repeated. Of turn: ${measureNames.join(', ')}; of takeover: ${takeoverParts.join(', ')}
  --repetitions N  takeover: kills of each kind (default 30)
  --json        print one JSON object as the last line, and nothing else on stdout
  --write       renew docs/performance.md (turn, takeover, stores: the sections of what was measured), docs/faults.md (faults),
                test/fixtures/load (load)
  --date DAY    the day to write there (default: today)
  --help        this page

Exit code 1 when a figure misses what is asked. On a machine that others use too, look at the load beside a miss.`;

export interface Asked {
  readonly bench: BenchName;
  readonly help: boolean;
  readonly turns: number;
  readonly calls: number;
  /** Kills of each kind. */
  readonly repetitions: number;
  /** Measures of a turn that are wanted; all when empty. */
  readonly only: readonly MeasureName[];
  /** Parts of the takeover that are wanted; all when empty. */
  readonly parts: readonly TakeoverPart[];
  /** Of faults, our own calls alone. */
  readonly ours: boolean;
  readonly json: boolean;
  readonly write: boolean;
  readonly date: string;
  /** As it was asked for, for the page. */
  readonly command: string;
}

/** Reads the command line. Throws an `Error` that says what is allowed. */
export function readArgs(args: readonly string[], today: string): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      turns: { type: 'string', default: '120' },
      calls: { type: 'string', default: '10' },
      repetitions: { type: 'string', default: '30' },
      only: { type: 'string', multiple: true, default: [] },
      ours: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      date: { type: 'string', default: today },
      help: { type: 'boolean', default: false },
    },
  });
  const bench = benchNames.find((name) => name === positionals[0]) ?? 'turn';
  if (!values.help && (bench !== positionals[0] || positionals.length > 1))
    throw new Error(`which benchmark? There are: ${benchNames.join(', ')}\n\n${help}`);
  if (values.write && (bench === 'control' || bench === 'metrics'))
    throw new Error(`--write: there is no page about ${bench}`);
  const { help: wantsHelp, ours, json, write, date } = values;
  return {
    bench,
    help: wantsHelp,
    ours,
    json,
    write,
    date,
    only: bench === 'takeover' ? [] : values.only.map((name) => oneOf(measureNames, name)),
    parts: bench === 'takeover' ? values.only.map((name) => oneOf(takeoverParts, name)) : [],
    repetitions: wholeNumber('repetitions', values.repetitions, 1, 1_000),
    command: `npm run bench -- ${args.join(' ')}`,
    turns: wholeNumber('turns', values.turns, 1, 10_000),
    calls: wholeNumber('calls', values.calls, 1, 20),
  };
}

function oneOf<Name extends string>(names: readonly Name[], given: string): Name {
  const name = names.find((each) => each === given);
  if (!name) throw new Error(`--only: ${names.join(', ')}; not ${given}`);
  return name;
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`--${name}: a whole number from ${least} to ${most}, not ${text}`);
  return value;
}
