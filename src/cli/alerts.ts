import { alertsHelp, alertsText, type ListedAlert } from './alerts-text.ts';
import type { ApiClient } from './api-client.ts';
import { readArgs, readWord } from './args.ts';
import { askApi } from './ask-api.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';

/** Alerts of an instance that runs. */
export const alerts: Command = { about: 'alerts: list, test', run };

const options = {
  api: { type: 'string' },
  limit: { type: 'string' },
  open: { type: 'boolean', default: false },
} as const;

type Values = Extract<ReturnType<typeof readArgs<typeof options>>, { values: object }>['values'];

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const read = readArgs(args, options);
  if ('wrong' in read) return misused(read.wrong, world);
  const { values, positionals } = read;
  if (values.help || positionals.length === 0) world.out(alertsHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], ['list', 'test']);
  if ('wrong' in verb) return misused(verb.wrong, world);
  if (positionals.length > 1) return misused(`${verb.word} takes options only, not ${positionals[1]}`, world);
  if (!/^\d+$/.test(values.limit ?? '20')) return misused('--limit: a whole number', world);
  const work = verb.word === 'list' ? list : test;
  return askApi({ name: 'alerts', api: values.api, json: values.json }, world, (client) => work(client, values, world));
}

function misused(wrong: string, world: CommandWorld): number {
  world.note(`voicechart alerts: ${wrong}\n\n${alertsHelp}`);
  return exitCodes.usage;
}

async function list(client: ApiClient, { limit = '20', open, json }: Values, world: CommandWorld): Promise<number> {
  const which = open ? '&state=open' : '';
  const page = await client.get<{ alerts: readonly ListedAlert[] }>(`/v1/alerts?limit=${limit}${which}`);
  world.out(json ? `${JSON.stringify({ alerts: page.alerts })}\n` : alertsText(page.alerts));
  return exitCodes.done;
}

async function test(client: ApiClient, { json }: Values, world: CommandWorld): Promise<number> {
  await client.post('/v1/alerts/test', {});
  if (json) world.out(`${JSON.stringify({ delivered: true })}\n`);
  else world.note('the receiver took the test alert\n');
  return exitCodes.done;
}
