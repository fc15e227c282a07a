import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { sip } from './sip.ts';

const commands: Readonly<Record<string, Command>> = { sip };

const help = `Usage: voicechart <command> [options]

Commands:
${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

\`voicechart <command> --help\` says more. Settings come from the environment, as for \`npm start\`.
In the repository: npm run -s voicechart -- <command> …
`;

async function main([word, ...rest]: readonly string[], world: CommandWorld): Promise<number> {
  const command = word !== undefined && Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (command) return command.run(rest, world);
  const isHelp = word === undefined || word === '--help' || word === '-h' || word === 'help';
  if (!isHelp) world.note(`voicechart: there is no command ${JSON.stringify(word)}\n\n${help}`);
  else world.out(help);
  return isHelp ? exitCodes.done : exitCodes.usage;
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort());

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(text),
  random: Math.random,
  signal: stop.signal,
}).catch((error: unknown) => {
  process.stderr.write(`voicechart: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.failed;
});
