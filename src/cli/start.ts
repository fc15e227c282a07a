import { readArgs } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';

const help = `Usage: voicechart start [--workers N|auto]

Starts one instance and keeps it until Ctrl-C or SIGTERM, as \`npm start\` does.
Calls that another process left in DATA_DIR are taken up again. It writes its
log to standard output, one line of JSON for each thing that happened; when it
is asked to stop it lets go of its calls, and the next start takes them up.

  --workers N   calls run in N processes of their own, of at most 15 calls each,
                and one more is kept warm for the calls of one that dies;
                auto: one for each core. Needs REDIS_URL. As WORKERS does.
  --json        changes nothing: the log is JSON
  -h, --help    this text

Settings: see README.md; \`voicechart doctor\` looks at all of them.

Exit codes:
  0   stopped when asked to              64   this command is written otherwise
  69  a port or the data folder is taken 78   a setting or an agent is wrong
  130 asked to stop twice
`;

/** One instance. */
export const start: Command = { about: 'takes calls until it is asked to stop', run };

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const asked = readArgs(args, { workers: { type: 'string' } });
  if ('wrong' in asked || asked.positionals.length > 0) {
    const wrong = 'wrong' in asked ? asked.wrong : `takes no ${asked.positionals.join(' ')}`;
    world.note(`voicechart start: ${wrong}\n\n${help}`);
    return exitCodes.usage;
  }
  if (asked.values.help) {
    world.out(help);
    return exitCodes.done;
  }
  const { workers } = asked.values;
  // A setting like others, which the processes that it starts read too.
  if (workers !== undefined) process.env['WORKERS'] = workers;
  await import('../main.ts');
  return exitCodes.done;
}
