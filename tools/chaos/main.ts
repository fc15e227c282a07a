import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRandom } from '../../emulators/kit/random.ts';
import { endOnSignals } from '../lib/owned.ts';
import { type ChaosResult, runChaos } from './run.ts';
import { type RedisKind, redisKinds } from './redis.ts';
import { planOf, type StrikeKind, strikeKinds, strikes } from './strikes.ts';

const help = `npm run chaos [-- options]

Lets callers phone in over a real livekit-server while instances are killed, frozen and rolled, webhooks
are lost and repeated, and Redis, LiveKit and vendors fail; then holds what the callers heard and what the
stores have against the rules of a call that outlives its process. Everything runs on this machine.

  --seed S       what is done, and when, follows from it; a new one otherwise, which is printed
  --minutes M    how long calls are made, 0.5 to 600; 3 otherwise
  --callers N    callers at a time, 1 to 10; 3 otherwise
  --redis KIND   sentinels (three servers, three sentinels), which is so otherwise, or one (a server with a disk)
  --only KIND    nothing but this, any number of times. There is:
${Object.entries(strikes)
  .map(([kind, { about }]) => `                 ${kind.padEnd(17)} ${about}`)
  .join('\n')}
  --log FILE     the logs of all instances, and what is known of each call with its whole log
  --json         print the result as one JSON object, and nothing else on stdout
  --help         this page

Exit code 0: all rules held, and what must happen at least once (a takeover, a fencing, a duplicate, a
repair, a handover) did.`;

interface Asked {
  readonly seed: string;
  readonly durationMs: number;
  readonly callers: number;
  readonly kinds: readonly StrikeKind[];
  readonly redis: RedisKind;
  readonly log?: string;
  readonly json: boolean;
}

class Misuse extends Error {}

function readOptions(): Asked | 'help' {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '3' },
      callers: { type: 'string', default: '3' },
      only: { type: 'string', multiple: true },
      redis: { type: 'string', default: 'sentinels' },
      log: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seed: values.seed ?? randomBytes(4).toString('hex'),
    durationMs: between('--minutes', values.minutes, 0.5, 600) * 60_000,
    callers: Math.round(between('--callers', values.callers, 1, 10)),
    kinds: values.only ? values.only.map((kind) => oneOf('--only', kind, strikeKinds)) : strikeKinds,
    redis: oneOf('--redis', values.redis, redisKinds),
    ...(values.log !== undefined && { log: values.log }),
    json: values.json,
  };
}

function between(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!(value >= least && value <= most)) throw new Misuse(`${name} is ${text}: it must be ${least} to ${most}`);
  return value;
}

function oneOf<T extends string>(name: string, text: string, kinds: readonly T[]): T {
  const kind = kinds.find((each) => each === text);
  if (!kind) throw new Misuse(`${name} is "${text}": it must be one of ${kinds.join(', ')}`);
  return kind;
}

/** What must have been seen, given what was done. */
function missingOf({ happened }: ChaosResult, kinds: readonly StrikeKind[]): string[] {
  if (kinds.length < strikeKinds.length) return [];
  return Object.entries(happened).flatMap(([what, count]) => (count > 0 ? [] : [what]));
}

/** A machine that does not let us run for so long has too much to do for calls in real time. */
const busyMs = 500;

function verdictOf(result: ChaosResult, missing: readonly string[]): string {
  const { seed, calls, strikes: count, breaches, happened, givenUp, longestGapMs, twoVoicesMs, lateMs } = result;
  const seen = Object.entries(happened).map(([what, times]) => `${times} ${what}`);
  const verdict = [
    breaches.length === 0 ? 'all rules held' : `${breaches.length} BREACH(ES)`,
    ...(missing.length > 0 ? [`never seen: ${missing.join(', ')}`] : []),
    ...(givenUp > 0 ? [`${givenUp} call(s) ended with an apology after three deaths`] : []),
    ...(lateMs > busyMs ? [`this machine was busy, ${lateMs} ms late`] : []),
  ];
  const figures = `longest silence in an answer ${longestGapMs} ms, two voices for ${twoVoicesMs} ms at most`;
  return `chaos ${seed}: ${calls} calls, ${count} strikes, ${seen.join(', ')}, ${figures}: ${verdict.join('; ')}`;
}

async function chaos(asked: Asked): Promise<number> {
  const tell = (line: string) => void (asked.json ? process.stderr : process.stdout).write(`${line}\n`);
  tell(`seed ${asked.seed}, ${asked.durationMs / 60_000} minute(s), ${asked.callers} caller(s) at a time`);
  const { seed, durationMs, callers, redis, kinds } = asked;
  const log = asked.log === undefined ? undefined : createWriteStream(asked.log);
  const logLine = (line: string) => void log?.write(`${line}\n`);
  const plan = planOf(createRandom(seed), durationMs, kinds);
  const result = await runChaos({ seed, durationMs, callers, workers: [0, 1], redis, plan, tell, logLine });
  const missing = missingOf(result, asked.kinds);
  for (const { rule, what } of result.breaches) tell(`✗ ${rule}: ${what}`);
  tell(verdictOf(result, missing));
  if (asked.json) process.stdout.write(`${JSON.stringify({ ...result, missing })}\n`);
  return result.breaches.length + missing.length === 0 ? 0 : 1;
}

endOnSignals();
try {
  const asked = readOptions();
  if (asked === 'help') process.stdout.write(`${help}\n`);
  else process.exitCode = await chaos(asked);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof Misuse || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1);
}
