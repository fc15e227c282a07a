import { randomUUID } from 'node:crypto';
import type { CallSummary, LogEntry } from '../runtime/call-log.ts';
import type { CallView } from '../runtime/calls.ts';
import { type ApiClient, ApiRefusal } from './api-client.ts';
import { readArgs, readWord } from './args.ts';
import { askApi } from './ask-api.ts';
import { createScreen } from './call-screen.ts';
import { callHeader, callLine, callsHelp } from './calls-text.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { followCall } from './follow.ts';

/** Calls of an instance that runs. */
export const calls: Command = { about: 'calls: list, show, follow, say, transfer, hang-up, dial', run };

const options = {
  api: { type: 'string' },
  limit: { type: 'string' },
  live: { type: 'boolean', default: false },
  agent: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
  ring: { type: 'string' },
  input: { type: 'string' },
  key: { type: 'string' },
  follow: { type: 'boolean', default: false },
} as const;

type Values = Extract<ReturnType<typeof readArgs<typeof options>>, { values: object }>['values'];

/** One verb, with the API it is for. */
interface Asked {
  readonly client: ApiClient;
  readonly values: Values;
  readonly rest: readonly string[];
  readonly world: CommandWorld;
}

/** Gives what is wrong with how the verb was written. */
type Run = (asked: Asked) => Promise<string | undefined>;

const verbs: Readonly<Record<'list' | 'show' | 'follow' | 'say' | 'transfer' | 'hang-up' | 'dial', Run>> = {
  list,
  show,
  follow: ({ rest, ...asked }) => (rest.length > 1 ? wrong('follow takes one ID') : follow(asked, rest[0])),
  say: (asked) => command(asked, 'TEXT', (text) => ({ type: 'say', text })),
  transfer: (asked) => command(asked, 'NAME', (to) => ({ type: 'transfer', to })),
  'hang-up': (asked) => command(asked, undefined, () => ({ type: 'hang_up' })),
  dial,
};
const verbNames = Object.keys(verbs) as (keyof typeof verbs)[];

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const read = readArgs(args, options);
  if ('wrong' in read) return misused(read.wrong, world);
  const { values, positionals } = read;
  if (values.help || positionals.length === 0) world.out(callsHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], verbNames);
  if ('wrong' in verb) return misused(verb.wrong, world);
  const rest = positionals.slice(1);
  return askApi({ name: 'calls', api: values.api, json: values.json }, world, async (client) => {
    const misuse = await verbs[verb.word]({ client, values, rest, world });
    return misuse === undefined ? exitCodes.done : misused(misuse, world);
  });
}

function misused(what: string, world: CommandWorld): number {
  world.note(`voicechart calls: ${what}\n\n${callsHelp}`);
  return exitCodes.usage;
}

const wrong = (what: string): Promise<string> => Promise.resolve(what);
const say = ({ values, world }: Pick<Asked, 'values' | 'world'>, value: object, text: () => string): void =>
  world.out(values.json ? `${JSON.stringify(value)}\n` : text());

const newest = async (client: ApiClient, limit: number): Promise<readonly CallSummary[]> =>
  (await client.get<{ calls: readonly CallSummary[] }>(`/v1/calls?limit=${limit}`)).calls;

async function list({ client, values, rest, world }: Asked): Promise<string | undefined> {
  const limit = values.limit ?? '20';
  if (rest.length > 0 || !/^\d+$/.test(limit)) return 'list takes --limit N and --live';
  const found = (await newest(client, Number(limit))).filter(({ endedAt }) => !values.live || endedAt === undefined);
  say({ values, world }, { calls: found }, () => found.map(callLine).join('') || 'There are no calls.\n');
  return undefined;
}

/** The newest one of those that may be meant. */
async function idOf(client: ApiClient, given: string | undefined, live: boolean): Promise<string> {
  if (given !== undefined && given !== 'latest') return given;
  const found = (await newest(client, 50)).find(({ endedAt }) => !live || endedAt === undefined);
  if (found) return found.callKey;
  throw new ApiRefusal('no_call', live ? 'no call goes on' : 'there are no calls', exitCodes.failed);
}

const pathOf = (id: string): string => `/v1/calls/${encodeURIComponent(id)}`;

async function show({ client, values, rest, world }: Asked): Promise<string | undefined> {
  if (rest.length > 1) return 'show takes one ID';
  const call = await client.get<CallView>(pathOf(await idOf(client, rest[0], false)));
  const entries = await entriesUpTo(client, call, world.signal);
  if (values.json) world.out(`${JSON.stringify({ call, lines: entries.filter(({ kind }) => kind === 'line') })}\n`);
  else world.out(callHeader(call));
  const screen = screenOf(world);
  if (!values.json) for (const entry of entries) screen.entry(entry);
  screen.end();
  return undefined;
}

/** What is there by now; a call that goes on has no end to wait for. */
async function entriesUpTo(
  client: ApiClient,
  { callKey, seq }: CallView,
  signal: AbortSignal,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  if (seq === 0) return entries;
  for await (const entry of followCall(client, callKey, signal)) {
    entries.push(entry);
    if (entry.seq >= seq) break;
  }
  return entries;
}

const screenOf = (world: CommandWorld) => createScreen({ write: world.out, colours: world.colours ?? false });

async function follow({ client, values, world }: Omit<Asked, 'rest'>, id: string | undefined): Promise<undefined> {
  const { callKey } = await client.get<CallView>(pathOf(await idOf(client, id, false)));
  const screen = screenOf(world);
  for await (const entry of followCall(client, callKey, world.signal))
    if (values.json) world.out(`${JSON.stringify(entry)}\n`);
    else screen.entry(entry);
  screen.end();
}

/** The last word is what is told, and before it may stand an id. */
async function command(
  asked: Asked,
  word: string | undefined,
  commandOf: (told: string) => object,
): Promise<string | undefined> {
  const { client, rest } = asked;
  const own = word === undefined ? 0 : 1;
  if (rest.length < own || rest.length > own + 1) return `an ID, or none${word === undefined ? '' : `, and ${word}`}`;
  const told = word === undefined ? '' : rest.at(-1)!;
  const id = await idOf(client, rest.length > own ? rest[0] : undefined, true);
  const answer = await client.post<object>(`${pathOf(id)}/commands`, commandOf(told));
  say(asked, { call: id, ...answer }, () => `${id}: told\n`);
  return undefined;
}

async function dial(asked: Asked): Promise<string | undefined> {
  const { client, values, rest } = asked;
  const order = orderOf(values);
  if (rest.length > 0 || typeof order === 'string')
    return typeof order === 'string' ? order : 'dial takes options only';
  const placed = await client.post<{ id: string }>('/v1/calls', order, {
    'idempotency-key': values.key ?? randomUUID(),
  });
  say(asked, placed, () => `${placed.id}\n`);
  return values.follow ? follow(asked, placed.id) : undefined;
}

function orderOf({ agent, to, from, ring, input }: Values): object | string {
  if (agent === undefined || to === undefined) return 'dial needs --agent and --to';
  const seconds = Number(ring ?? 30);
  if (!Number.isInteger(seconds)) return `--ring: whole seconds, not ${JSON.stringify(ring)}`;
  const read = jsonOf(input);
  if (read === undefined) return '--input: JSON';
  return { agent, to, ringMs: seconds * 1000, ...(from === undefined ? {} : { from }), ...read };
}

function jsonOf(text: string | undefined): { readonly input?: unknown } | undefined {
  try {
    return text === undefined ? {} : { input: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
