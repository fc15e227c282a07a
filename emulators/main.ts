import { parseArgs } from 'node:util';
import { startEmulators, type Emulators } from './all.ts';

const help = `Emulated Deepgram, OpenAI, Groq and Cartesia on 127.0.0.1, on the vendors' own wire. No key, no account, no network.

  npm run emulators [-- options]

  --json   print one line of JSON instead: { env, control }
  --help   this

Faults, delays and a journal are at each control address, for example:
  curl <control>/faults -d '{"kind":"stall","after":3,"times":1}'
  curl <control>/settings -d '{"firstTokenMs":1500}'
  curl '<control>/journal?since=0'
OpenAI and Groq also take what the model shall say:
  curl <control>/script -d '[{"user":"price","text":"Eighty-nine euros."}]'
Ctrl-C ends them.`;

const usageError = 64;

/** Resolves at the first wish to end. */
const asked = () =>
  new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

const controlOf = ({ deepgram, openai, cartesia }: Emulators) => ({
  deepgram: deepgram.controlUrl,
  openai: openai.controlUrl,
  cartesia: cartesia.controlUrl,
});

const row = (name: string, address: string, control: string) => `  ${name.padEnd(10)}${address.padEnd(42)}${control}`;

function describe(emulators: Emulators): string {
  const { deepgram, openai, cartesia, env } = emulators;
  return [
    row('', 'address', 'control'),
    row('Deepgram', `${deepgram.httpUrl} (ws too)`, deepgram.controlUrl),
    row('OpenAI', openai.url, openai.controlUrl),
    row('Groq', openai.groqUrl, openai.controlUrl),
    row('Cartesia', `${cartesia.url} (wss too)`, cartesia.controlUrl),
    '',
    'To send a program to them (NODE_EXTRA_CA_CERTS is for programs that do not know CARTESIA_CA_FILE):',
    '',
    ...Object.entries(env).map(([name, value]) => `export ${name}=${value}`),
    `export NODE_EXTRA_CA_CERTS=${cartesia.caFile}`,
    '',
    'Ctrl-C ends them.',
  ].join('\n');
}

async function run(json: boolean): Promise<void> {
  const end = asked();
  const emulators = await startEmulators();
  try {
    console.log(json ? JSON.stringify({ env: emulators.env, control: controlOf(emulators) }) : describe(emulators));
    await end;
  } finally {
    await emulators.close();
  }
}

function optionsOf(args: string[]): { json?: boolean; help?: boolean } {
  const options = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  return parseArgs({ args, options, strict: true }).values;
}

try {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) console.log(help);
  else await run(options.json ?? false);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = usageError;
}
