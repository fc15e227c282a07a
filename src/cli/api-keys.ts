import { systemClock } from '../clock.ts';
import { dataDirOf } from '../config.ts';
import { type ApiKey, type ApiKeys, roles } from '../runtime/api-keys.ts';
import { openAccess } from '../wiring/access.ts';
import { apiKeysHelp, listText } from './api-keys-text.ts';
import { readArgs, readWord } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';

/** Keys of the operators' API, in the data folder of an instance that may be running. */
export const apiKeys: Command = { about: 'keys of the API and the console: create, list, revoke', run };

const options = { role: { type: 'string' }, name: { type: 'string' } } as const;

type Values = Extract<ReturnType<typeof readArgs<typeof options>>, { values: object }>['values'];

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const asked = readArgs(args, options);
  if ('wrong' in asked) return misused(asked.wrong, world);
  const { values, positionals } = asked;
  if (values.help || positionals.length === 0) world.out(apiKeysHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], ['create', 'list', 'revoke']);
  if ('wrong' in verb) return misused(verb.wrong, world);
  const place = dataDirOf(world.env);
  if ('problems' in place) return refuse(place.problems, values.json, world);
  const { keys } = openAccess(place.dataDir, systemClock, (id) =>
    world.note(`the record of the key ${id} cannot be read: nobody comes in by it\n`),
  );
  const rest = positionals.slice(1);
  if (verb.word === 'create') return create(keys, rest, values, world);
  return verb.word === 'list' ? list(keys, rest, values, world) : revoke(keys, rest, values, world);
}

function misused(wrong: string, world: CommandWorld): number {
  world.note(`voicechart api-keys: ${wrong}\n\n${apiKeysHelp}`);
  return exitCodes.usage;
}

function refuse(problems: readonly string[], json: boolean, world: CommandWorld): number {
  if (json) world.out(`${JSON.stringify({ result: 'refused', problems })}\n`);
  else for (const problem of problems) world.note(`${problem}\n`);
  return exitCodes.badSettings;
}

async function create(keys: ApiKeys, rest: readonly string[], { role, name, json }: Values, world: CommandWorld) {
  if (rest.length > 0) return misused(`create takes options only, not ${rest.join(' ')}`, world);
  const asked = readWord(role, roles);
  if ('wrong' in asked) return misused(`--role: ${asked.wrong}`, world);
  if (name === undefined || !/^[^\p{Cc}\p{Cs}]{1,64}$/u.test(name))
    return misused('--name: say whose it is, in 1 to 64 characters', world);
  const { key, text } = await keys.create({ name, role: asked.word });
  world.out(json ? `${JSON.stringify({ key: text, ...key })}\n` : `${text}\n`);
  if (!json) world.note(`${key.role} key ${key.id} of ${name}. It is shown this once: only a hash of it is kept.\n`);
  return exitCodes.done;
}

async function list(keys: ApiKeys, rest: readonly string[], { json }: Values, world: CommandWorld) {
  if (rest.length > 0) return misused(`list takes no ${rest.join(' ')}`, world);
  const all: readonly ApiKey[] = await keys.list();
  world.out(json ? `${JSON.stringify({ keys: all })}\n` : listText(all));
  return exitCodes.done;
}

async function revoke(keys: ApiKeys, [id, ...more]: readonly string[], { json }: Values, world: CommandWorld) {
  if (id === undefined || more.length > 0) return misused('revoke takes the id of one key, as list shows it', world);
  const revoked = await keys.revoke(id);
  if (json) world.out(`${JSON.stringify({ id, revoked })}\n`);
  else if (revoked) world.note(`revoked: whoever uses it is refused from now on, and its sessions are over\n`);
  else world.note(`there is no key ${JSON.stringify(id)}: take an id from voicechart api-keys list\n`);
  return revoked ? exitCodes.done : exitCodes.failed;
}
