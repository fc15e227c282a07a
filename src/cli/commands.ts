import { alerts } from './alerts.ts';
import { meant } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { apiKeys } from './api-keys.ts';
import { calls } from './calls.ts';
import { dev } from './dev.ts';
import { doctor } from './doctor.ts';
import { keys } from './keys.ts';
import { recovery } from './recovery.ts';
import { security } from './security.ts';
import { sip } from './sip.ts';
import { start } from './start.ts';
import { token } from './token.ts';

/** Every word that may follow `voicechart`, in the order of the help. */
const commands: Readonly<Record<string, Command>> = {
  start,
  dev,
  doctor,
  calls,
  alerts,
  recovery,
  security,
  sip,
  token,
  keys,
  'api-keys': apiKeys,
};

const help = `Usage: voicechart <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

\`voicechart <command> --help\` says more; every command takes --json.
Settings come from the environment, as for \`npm start\`.
In the repository: npm run -s voicechart -- <command> …

Exit codes:
  0   done                              1   it failed, or is not so
  2   there are differences            64   the command is written otherwise
  69  a server is not reachable        77   the key has no right to do this
  78  a file or setting is wrong      130   stopped
`;

/** Runs the command that the first word names. Resolves with the exit code. */
export async function runCommand([word, ...rest]: readonly string[], world: CommandWorld): Promise<number> {
  const command = word !== undefined && Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command) return command.run(rest, world);
  const isHelp = word === undefined || word === '--help' || word === '-h' || word === 'help';
  if (isHelp) world.out(help);
  else
    world.note(
      `voicechart: there is no command ${JSON.stringify(word)}${meant(word, Object.keys(commands))}\n\n${help}`,
    );
  return isHelp ? exitCodes.done : exitCodes.usage;
}
