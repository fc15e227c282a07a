import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Applied, applySip, type SipAdmin, SipAdminError } from '../actors/apply-sip.ts';
import { createLivekitApi } from '../adapters/livekit/api/api.ts';
import { createSipAdmin } from '../adapters/livekit/sip-admin.ts';
import { systemClock } from '../clock.ts';
import { readConfig, sipFileOf } from '../config.ts';
import type { Failure } from '../failure.ts';
import { planOf, readSip, type SipProblem, type SipThing, writeSip } from '../sip.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { appliedText, differenceText, sipHelp } from './sip-text.ts';

const verbs = ['diff', 'apply', 'export'] as const;
type Verb = (typeof verbs)[number];

interface Asked {
  readonly verb: Verb;
  readonly file: string;
  readonly backup: boolean;
  readonly prune: boolean;
  readonly json: boolean;
}

/** Telephone numbers, trunks and rules of a file and of the LiveKit server. */
export const sip: Command = { about: 'telephone trunks and rules, as a file: diff, apply, export', run };

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const asked = read(args, world.env);
  if (asked === 'help') world.out(sipHelp);
  if (asked === 'help') return exitCodes.done;
  if (typeof asked === 'string') world.note(`voicechart sip: ${asked}\n\n${sipHelp}`);
  if (typeof asked === 'string') return exitCodes.usage;
  const settings = readConfig(world.env);
  const lines = asked.verb === 'export' ? { things: [] } : await linesOf(asked, world);
  if ('problems' in settings || 'problems' in lines)
    return refuse(asked, world, [
      ...('problems' in lines ? lines.problems : []),
      ...('problems' in settings ? settings.problems.map((message) => ({ message })) : []),
    ]);
  const { config, secrets } = settings;
  const api = createLivekitApi({ url: config.livekitUrl, clock: systemClock, key: secrets.livekitKeys.signing });
  try {
    return await verbRuns[asked.verb](createSipAdmin(api), lines.things, asked, world);
  } catch (error) {
    return fail(error, asked, world);
  } finally {
    await api.close();
  }
}

function read(args: readonly string[], env: CommandWorld['env']): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        file: { type: 'string', short: 'f' },
        backup: { type: 'boolean', default: false },
        prune: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const { help, file = sipFileOf(env), ...options } = values;
    const verb = verbs.find((each) => each === positionals[0]);
    if (help || positionals[0] === undefined) return 'help';
    return verb && positionals.length === 1
      ? { verb, file, ...options }
      : `diff, apply or export, not ${positionals.join(' ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A problem of the file has a place in it, one of the settings has none. */
type Problem = Pick<SipProblem, 'message'> & Partial<SipProblem>;
type Lines = { readonly things: readonly SipThing[] } | { readonly problems: readonly Problem[] };

async function linesOf({ file, backup }: Asked, { env }: CommandWorld): Promise<Lines> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string') return { problems: [{ message: `${file}: cannot be read (${text.code})` }] };
  const reading = readSip(text, env);
  if ('problems' in reading) return reading;
  if (!backup) return { things: reading.main };
  return reading.backup ? { things: reading.backup } : { problems: [{ message: `${file}: has no backup set` }] };
}

type Run = (admin: SipAdmin, wanted: readonly SipThing[], asked: Asked, world: CommandWorld) => Promise<number>;
const verbRuns: Readonly<Record<Verb, Run>> = { diff, apply, export: write };

async function diff(admin: SipAdmin, wanted: readonly SipThing[], asked: Asked, world: CommandWorld): Promise<number> {
  const plan = planOf(wanted, await admin.list(), asked);
  const { changes, blocked, extra } = plan;
  const result = changes.length + blocked.length > 0 ? 'different' : 'same';
  tell(asked, world, { result, changes, blocked, extra: extra.map(named) }, () => differenceText(plan));
  return result === 'same' ? exitCodes.done : exitCodes.different;
}

/** Up to a quarter of a second, at random. */
const outOfStep = (random: () => number) => () => delay(250 * random());

async function apply(admin: SipAdmin, wanted: readonly SipThing[], asked: Asked, world: CommandWorld): Promise<number> {
  const applied: Applied = await applySip(admin, wanted, {
    prune: asked.prune,
    signal: world.signal,
    pause: outOfStep(world.random),
  });
  const { result, changes, last } = applied;
  const { blocked, extra } = last;
  tell(asked, world, { result, changes, blocked, extra: extra.map(named) }, () => appliedText(applied));
  return result === 'blocked' ? exitCodes.failed : exitCodes.done;
}

async function write(admin: SipAdmin, _: readonly SipThing[], asked: Asked, world: CommandWorld): Promise<number> {
  const { yaml, variables, omitted } = writeSip(await admin.list());
  tell(asked, world, { result: 'exported', yaml, variables, omitted }, () => yaml);
  if (asked.json) return exitCodes.done;
  for (const line of omitted) world.note(`left out: ${line}\n`);
  if (variables.length > 0) world.note(`to be set before it is applied: ${variables.join(', ')}\n`);
  return exitCodes.done;
}

const named = ({ kind, name, id }: { kind: string; name: string; id: string }) => ({ kind, name, id });

function tell({ json }: Asked, world: CommandWorld, value: object, text: () => string): void {
  world.out(json ? `${JSON.stringify(value)}\n` : text());
}

function refuse(asked: Asked, world: CommandWorld, problems: readonly Problem[]): number {
  if (asked.json) world.out(`${JSON.stringify({ result: 'refused', problems })}\n`);
  else for (const problem of problems) world.note(`${problemLine(asked.file, problem)}\n`);
  return exitCodes.badSettings;
}

const problemLine = (file: string, { line, column, path, message }: Problem): string =>
  line === undefined ? message : `${file}:${line}:${column}: ${path ? `${path}: ` : ''}${message}`;

function fail(error: unknown, asked: Asked, world: CommandWorld): number {
  if (world.signal.aborted) world.note('stopped; what was begun is finished by the next `sip apply`\n');
  if (world.signal.aborted) return exitCodes.stopped;
  if (!(error instanceof SipAdminError)) throw error;
  const { failure } = error;
  if (asked.json) world.out(`${JSON.stringify({ result: 'failed', failure })}\n`);
  else world.note(`voicechart sip ${asked.verb}: LiveKit: ${failure.message}\n`);
  return codeOf(failure);
}

function codeOf(failure: Failure): number {
  if (failure.class === 'auth') return exitCodes.notPermitted;
  const isDown = failure.class === 'network' || (failure.httpStatus ?? 0) >= 500 || failure.sub === 'protocol';
  return isDown ? exitCodes.unavailable : exitCodes.failed;
}
