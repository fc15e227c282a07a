import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mentionsOf } from '../config.ts';
import { readArgs } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { changesOf, type WatchedFolder } from './dev/changes.ts';
import { startStandby, type StandbyProcess } from './dev/standby-process.ts';

const help = `Usage: voicechart dev [options]

Starts an instance, and another in its place whenever an agent or a source file
was changed. Live calls go on: the old one puts them down in DATA_DIR, and the
new one, which is loaded by then, takes them up from the first word that was not
heard. A change with a mistake is told, and the old instance stays.

  --json        its own news as lines of JSON, beside those of the instance
  -h, --help    this text

Settings: those of \`voicechart start\`.

Exit codes:
  0   stopped                            64   this command is written otherwise
`;

/** An instance that follows its sources. */
export const dev: Command = { about: 'start, and again on each change; live calls go on', run };

/** What this command tells of itself. */
type News =
  | { readonly event: 'changed'; readonly files: readonly string[] }
  | { readonly event: 'unfit'; readonly problems: readonly string[]; readonly kept: boolean }
  | { readonly event: 'started'; readonly console: string; readonly tookMs: number }
  | { readonly event: 'ended'; readonly code: number | null };

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const asked = readArgs(args, {});
  if ('wrong' in asked || asked.positionals.length > 0) {
    const wrong = 'wrong' in asked ? asked.wrong : `takes no ${asked.positionals.join(' ')}`;
    world.note(`voicechart dev: ${wrong}\n\n${help}`);
    return exitCodes.usage;
  }
  const { help: wantsHelp, json } = asked.values;
  if (wantsHelp) world.out(help);
  else await follow(world, (news) => (json ? world.out(`${JSON.stringify(news)}\n`) : world.note(textOf(news))));
  return exitCodes.done;
}

async function follow({ env, signal }: CommandWorld, tell: (news: News) => void): Promise<void> {
  let running: StandbyProcess | undefined;
  let coming: StandbyProcess | undefined;
  const replace = async (): Promise<void> => {
    const next = startStandby(env);
    coming = next;
    const problems = await next.prepare();
    coming = undefined;
    if (problems.length > 0 || signal.aborted) {
      if (!signal.aborted) tell({ event: 'unfit', problems, kept: running !== undefined });
      return next.stop();
    }
    running = await begin(next, running, tell);
    return undefined;
  };
  signal.addEventListener('abort', () => void coming?.stop());
  await replace();
  for await (const files of changesOf(foldersOf(env), signal)) {
    tell({ event: 'changed', files });
    await replace();
  }
  await running?.stop();
}

/** One data folder serves one process: the old one has to be gone. */
async function begin(next: StandbyProcess, old: StandbyProcess | undefined, tell: (news: News) => void) {
  const askedAt = performance.now();
  await old?.stop();
  const api = await next.begin();
  if (api !== undefined)
    tell({ event: 'started', console: `${api}/console/`, tookMs: Math.round(performance.now() - askedAt) });
  else tell({ event: 'ended', code: await next.gone });
  return api === undefined ? undefined : next;
}

/** Agents, with what lies beside them, and our own sources. Below a single file's folder anything may lie. */
function foldersOf(env: CommandWorld['env']): readonly WatchedFolder[] {
  const agents = mentionsOf(env).agents ?? 'agents';
  const deep = existsSync(agents) && statSync(agents).isDirectory();
  const own = { path: fileURLToPath(new URL('..', import.meta.url)), deep: true };
  return [{ path: deep ? agents : dirname(agents), deep }, own].filter(({ path }) => existsSync(path));
}

function textOf(news: News): string {
  if (news.event === 'changed') return `\ndev: changed: ${news.files.join(', ')}\n`;
  if (news.event === 'started') return `dev: takes calls after ${news.tookMs} ms; ${news.console}\n`;
  if (news.event === 'ended') return `dev: it ended with ${news.code}; mend it and save, and it is started again\n`;
  const lines = news.problems.map((problem) => `  ${problem.replaceAll('\n', '\n  ')}\n`).join('');
  return `dev: this cannot be started:\n${lines}dev: ${news.kept ? 'the instance from before goes on' : 'waiting for a change'}\n`;
}
