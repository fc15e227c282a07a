import { parseArgs } from 'node:util';
import { startEmulators, type Emulators } from './all.ts';
import { help, pageOf, type PhoneAddress } from './page.ts';
import { openPhoneControl } from './phone/control.ts';
import { startPhoneProcess } from './phone/process.ts';

const usageError = 64;

/** Resolves at the first wish to end. */
const asked = () =>
  new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

const lineOf = ({ deepgram, openai, cartesia, env }: Emulators, phone: PhoneAddress | undefined): string =>
  JSON.stringify({
    env,
    control: {
      deepgram: deepgram.controlUrl,
      openai: openai.controlUrl,
      cartesia: cartesia.controlUrl,
      ...(phone && { phone: phone.control }),
    },
  });

interface Options {
  readonly json?: boolean;
  readonly help?: boolean;
  readonly phone?: boolean;
}

async function run({ json = false, phone = false }: Options): Promise<void> {
  const end = asked();
  const livekit = phone ? livekitOf(process.env) : undefined;
  await using closing = new AsyncDisposableStack();
  const emulators = closing.adopt(await startEmulators(), (started) => started.close());
  const address = livekit && (await openPhone(livekit, closing));
  console.log(json ? lineOf(emulators, address) : pageOf(emulators, address));
  await end;
}

type Livekit = Parameters<typeof openPhoneControl>[0]['livekit'];

async function openPhone(livekit: Livekit, closing: AsyncDisposableStack): Promise<PhoneAddress> {
  const phones = closing.adopt(await startPhoneProcess(), (started) => started.close());
  const control = closing.adopt(await openPhoneControl({ livekit, phones }), (opened) => opened.close());
  return { livekitUrl: livekit.livekitUrl, control: control.url };
}

function livekitOf(env: NodeJS.ProcessEnv): Livekit {
  const names = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'] as const;
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`--phone calls into your LiveKit; missing: ${missing.join(', ')}`);
  const [livekitUrl, apiKey, apiSecret] = names.map((name) => env[name]!) as [string, string, string];
  return { livekitUrl, apiKey, apiSecret };
}

function optionsOf(args: string[]): Options {
  const options = {
    json: { type: 'boolean' },
    phone: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  return parseArgs({ args, options, strict: true }).values;
}

try {
  const options = optionsOf(process.argv.slice(2));
  if (options.help) console.log(help);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = usageError;
}
