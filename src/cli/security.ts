import type { ApiClient } from './api-client.ts';
import { readArgs, readWord } from './args.ts';
import { askApi } from './ask-api.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { blocksText, type ListedBlock, securityHelp } from './security-text.ts';

/** Who an instance that runs refuses for a while. */
export const security: Command = { about: 'who is refused for a while: blocks, clear', run };

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const read = readArgs(args, { api: { type: 'string' } });
  if ('wrong' in read) return misused(read.wrong, world);
  const { values, positionals } = read;
  if (values.help || positionals.length === 0) world.out(securityHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], ['blocks', 'clear']);
  if ('wrong' in verb) return misused(verb.wrong, world);
  const [, id, ...more] = positionals;
  if (verb.word === 'clear' && (id === undefined || more.length > 0))
    return misused('clear takes the id of one block, as blocks shows it', world);
  if (verb.word === 'blocks' && id !== undefined) return misused(`blocks takes no ${id}`, world);
  return askApi({ name: 'security', api: values.api, json: values.json }, world, (client) =>
    id === undefined ? blocks(client, values.json, world) : clear(client, id, values.json, world),
  );
}

function misused(wrong: string, world: CommandWorld): number {
  world.note(`voicechart security: ${wrong}\n\n${securityHelp}`);
  return exitCodes.usage;
}

async function blocks(client: ApiClient, json: boolean, world: CommandWorld): Promise<number> {
  const all = await page(client);
  world.out(json ? `${JSON.stringify({ blocks: all })}\n` : blocksText(all));
  return exitCodes.done;
}

async function page(client: ApiClient, after?: string): Promise<readonly ListedBlock[]> {
  const from = after === undefined ? '' : `&after=${encodeURIComponent(after)}`;
  const { blocks: some, next } = await client.get<{ readonly blocks: readonly ListedBlock[]; readonly next?: string }>(
    `/v1/security/blocks?limit=200${from}`,
  );
  return next === undefined ? some : [...some, ...(await page(client, next))];
}

async function clear(client: ApiClient, id: string, json: boolean, world: CommandWorld): Promise<number> {
  await client.delete(`/v1/security/blocks/${encodeURIComponent(id)}`);
  if (json) world.out(`${JSON.stringify({ id, cleared: true })}\n`);
  else world.note('it may come again\n');
  return exitCodes.done;
}
