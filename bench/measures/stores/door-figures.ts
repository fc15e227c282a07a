import { type Figure, figureOf } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import { type DoorRun, doorOnRedis, doorOnSqlite } from './door.ts';
import { calls, perSecond, seconds } from './pace.ts';

const repetitions = 2;

const kinds = {
  'SQLite, callers who leave': doorOnSqlite,
  'Redis, callers who leave': () => doorOnRedis('left'),
  'Redis, callers who come': () => doorOnRedis('joined'),
} as const;

/** Signed webhooks over HTTP to an instance, from a process of their own on the same machine. */
export async function doorFigures(tell: (line: string) => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const [kind, run] of Object.entries(kinds)) {
    tell(`\nwebhooks at the door, ${perSecond} a second: ${kind}`);
    // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
    figures.push(...(await figuresOf(kind, run)));
  }
  return figures;
}

async function figuresOf(kind: string, run: () => Promise<DoorRun>): Promise<readonly Figure[]> {
  const runs: DoorRun[] = [];
  // oxlint-disable-next-line no-await-in-loop -- one after the other: they would disturb each other
  while (runs.length < repetitions) runs.push(await run());
  const load = loadNow();
  return [
    figureOf(
      { name: `webhook due → 200, ${kind}`, note: `${asked}; ${shares(runs)}`, load },
      runs.map(({ storedMs }) => storedMs),
      [{ of: 'p95', atMost: 50 }],
    ),
    figureOf(
      { name: `… answered 503, or said to be stored and not there, ${kind}`, unit: 'webhooks', load },
      runs.map(({ lost, refused }) => [lost + refused]),
      [{ of: 'max', atMost: 0 }],
    ),
  ];
}

const asked = `${perSecond} a second for ${seconds} s, of ${calls} calls, signed ahead, 100 sockets that are kept, after four seconds at half of that`;

function shares(runs: readonly DoorRun[]): string {
  const mostOf = (who: keyof DoorRun['cpu']) => Math.round(100 * Math.max(...runs.map(({ cpu }) => cpu[who])));
  return `of a core the sender took ${mostOf('sender')} %, the instance ${mostOf('instance')} %`;
}
