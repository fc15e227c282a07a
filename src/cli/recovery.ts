import type { RecoveryView } from '../runtime/recovery-view.ts';
import type { ApiClient } from './api-client.ts';
import { readArgs, readWord } from './args.ts';
import { askApi } from './ask-api.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { isCalm, recoveryHelp, recoveryText } from './recovery-text.ts';

/** Recovery of an instance that runs. */
export const recovery: Command = { about: 'recovery: status, ack', run };

const options = { api: { type: 'string' } } as const;

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const read = readArgs(args, options);
  if ('wrong' in read) return misused(read.wrong, world);
  const { values, positionals } = read;
  if (values.help || positionals.length === 0) world.out(recoveryHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], ['status', 'ack']);
  if ('wrong' in verb) return misused(verb.wrong, world);
  if (positionals.length > 1) return misused(`${verb.word} takes options only, not ${positionals[1]}`, world);
  const work = verb.word === 'status' ? status : acknowledge;
  const { api, json } = values;
  return askApi({ name: 'recovery', api, json }, world, (client) => work(client, json, world));
}

function misused(wrong: string, world: CommandWorld): number {
  world.note(`voicechart recovery: ${wrong}\n\n${recoveryHelp}`);
  return exitCodes.usage;
}

async function status(client: ApiClient, json: boolean, world: CommandWorld): Promise<number> {
  const view = await client.get<RecoveryView>('/v1/recovery');
  world.out(json ? `${JSON.stringify(view)}\n` : recoveryText(view));
  return isCalm(view) ? exitCodes.done : exitCodes.different;
}

async function acknowledge(client: ApiClient, json: boolean, world: CommandWorld): Promise<number> {
  const { looksAt } = await client.post<{ looksAt: readonly string[] }>('/v1/recovery/acknowledge', {});
  if (json) world.out(`${JSON.stringify({ looksAt })}\n`);
  else world.note(`recovery looks at ${looksAt.join(', ')}; \`voicechart recovery status\` tells what it found\n`);
  return exitCodes.done;
}
