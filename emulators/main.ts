import { parseArgs } from 'node:util';
import { startEmulators, type Emulators } from './all.ts';
import { startLiveKitFront } from './livekit/front.ts';
import { help, pageOf, type Besides, type LivekitAddress, type PhoneAddress } from './page.ts';
import { openPhoneControl } from './phone/control.ts';
import { startPhoneProcess } from './phone/process.ts';

const usageError = 64;

/** Resolves at the first wish to end. */
const asked = () =>
  new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });

const lineOf = ({ deepgram, openai, groq, cartesia, env }: Emulators, { phone, livekit }: Besides): string =>
  JSON.stringify({
    env: { ...env, ...(livekit && { LIVEKIT_URL: livekit.url }) },
    control: {
      deepgram: deepgram.controlUrl,
      openai: openai.controlUrl,
      groq: groq.controlUrl,
      cartesia: cartesia.controlUrl,
      ...(phone && { phone: phone.control }),
      ...(livekit && { livekit: livekit.control }),
    },
  });

interface Options {
  readonly json?: boolean;
  readonly help?: boolean;
  readonly phone?: boolean;
  readonly livekit?: boolean;
  readonly webhook?: string[];
}

async function run({ json = false, phone = false, livekit = false, webhook = [] }: Options): Promise<void> {
  const end = asked();
  const server = phone || livekit ? livekitOf(process.env, phone ? '--phone' : '--livekit') : undefined;
  await using closing = new AsyncDisposableStack();
  const emulators = closing.adopt(await startEmulators(), (started) => started.close());
  const besides = {
    ...(server && phone && { phone: await openPhone(server, closing) }),
    ...(server && livekit && { livekit: await openLivekit(server, webhook, closing) }),
  };
  console.log(json ? lineOf(emulators, besides) : pageOf(emulators, besides));
  await end;
}

type Livekit = Parameters<typeof openPhoneControl>[0]['livekit'];

async function openPhone(livekit: Livekit, closing: AsyncDisposableStack): Promise<PhoneAddress> {
  const phones = closing.adopt(await startPhoneProcess(), (started) => started.close());
  const control = closing.adopt(await openPhoneControl({ livekit, phones }), (opened) => opened.close());
  return { livekitUrl: livekit.livekitUrl, control: control.url };
}

async function openLivekit(
  { livekitUrl, apiKey, apiSecret }: Livekit,
  webhookUrls: readonly string[],
  closing: AsyncDisposableStack,
): Promise<LivekitAddress> {
  const options = { upstream: livekitUrl, apiKey, apiSecret, webhookUrls };
  const front = closing.adopt(await startLiveKitFront(options), (started) => started.close());
  return { url: front.url, control: front.controlUrl, sipPort: front.sipPort, livekitUrl };
}

function livekitOf(env: NodeJS.ProcessEnv, option: string): Livekit {
  const names = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'] as const;
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) throw new Error(`${option} needs your LiveKit; missing: ${missing.join(', ')}`);
  const [livekitUrl, apiKey, apiSecret] = names.map((name) => env[name]!) as [string, string, string];
  return { livekitUrl, apiKey, apiSecret };
}

function optionsOf(args: string[]): Options {
  const options = {
    json: { type: 'boolean' },
    phone: { type: 'boolean' },
    livekit: { type: 'boolean' },
    webhook: { type: 'string', multiple: true },
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
