import { parseArgs } from 'node:util';
import { createScreen } from '../../src/cli/call-screen.ts';
import { takesColours } from '../../src/cli/style.ts';
import { endOnSignals } from '../lib/owned.ts';
import { ensureConsole } from '../build-console.ts';
import { DemoError, endOf } from './demo-error.ts';
import { findRedisServer } from '../services/redis.ts';
import { findLivekit, type FoundLivekit } from './livekit.ts';
import { openPhoneDoor } from './phone-door.ts';
import { runScriptedCall } from './scripted-call.ts';
import { faultsOf, playValidCall, resultOf, summaryLines } from './summary.ts';
import { openWorld } from './world.ts';

const help = `npm run demo [-- options]

Brings up a LiveKit server, emulated vendors and one Voicechart instance on this machine,
and lets a scripted caller phone in. No keys, no account. Ctrl-C ends everything.

  --once    end after the scripted call; exit code 0 only if all it should show was seen
            and what the caller heard is what the history says
  --crash   the process that runs the call is killed in mid-sentence, and another one goes on (needs redis-server)
  --json    print the result of the scripted call as one JSON object, and nothing else on stdout
  --help    this page

  LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET   use this LiveKit instead of an own one
  WEBHOOK_ADDR                                       where its webhooks arrive, 127.0.0.1:8080 otherwise
  CI                                                 when set, having no livekit-server is a failure
  NO_COLOR                                           no colours`;

const asEmulated =
  'Voicechart demo: a phone call with an AI agent. Everything runs on this machine; the vendors are emulated.\n';
const withoutServer =
  'No livekit-server could be had: the room is IN-PROCESS, without a network. For the real one install Go 1.24+, Docker or livekit-server.\n';

interface DemoOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly crash: boolean;
}

async function demo({ once, json, crash }: DemoOptions): Promise<number> {
  const out = json ? process.stderr : process.stdout;
  const write = (text: string) => void out.write(text);
  const screen = createScreen({ write, colours: takesColours(out, process.env) });
  const startedAt = performance.now();
  // What is tried to get a server is no part of the story, whose first line says whether there is one.
  const livekit = await findLivekit(process.env, (line) => void process.stderr.write(`${line}\n`));
  if (crash) whatCrashNeeds(livekit);
  if (!livekit) screen.line(withoutServer);
  screen.line(asEmulated);
  await ensureConsole(screen.line);
  const world = await openWorld({ livekit, crash, tell: screen.line });
  const door = await openPhoneDoor(world);
  const newLink = () => world.access.consoleLink(world.api, `?phone=${encodeURIComponent(door.url)}`);
  screen.line(`Vendors       Deepgram, OpenAI, Groq and Cartesia emulators`);
  screen.line(`Console       ${await newLink()}   (lets one browser in, once)`);
  screen.line(`ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; the caller dials …`);

  const call = await playValidCall(() => runScriptedCall(world, screen, { crash }), screen.line);
  const result = resultOf(world.kind, call);
  const faults = faultsOf(result, call);
  for (const line of summaryLines(result, faults)) screen.line(line);
  // It stays the last line: a visitor's calls are told on stderr.
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  if (!once) {
    screen.line(
      `\nYour turn: type what a caller says in the console. Ctrl-C ends everything. A link to let one browser in, once:`,
    );
    screen.line(await newLink());
    await forEachEnter(async () => screen.line(await newLink()), screen.line);
  }
  door.close();
  await world.close();
  return faults.length === 0 ? 0 : 1;
}

function whatCrashNeeds(livekit: FoundLivekit | undefined): void {
  if (!livekit) throw new DemoError('unavailable', '--crash needs a livekit-server: install Go 1.24+, Docker or one');
  if (!findRedisServer())
    throw new DemoError(
      'unavailable',
      '--crash needs redis-server: install it, on Debian by `apt-get install redis-server`',
    );
}

/** Runs until the process ends; a line from a terminal asks for another link. */
async function forEachEnter(again: () => Promise<void>, tell: (line: string) => void): Promise<never> {
  if (process.stdin.isTTY) {
    tell('Used up, or older than ten minutes? Press Enter for another one.');
    process.stdin.on('data', () => void again());
  }
  return new Promise(() => undefined);
}

function readOptions(): DemoOptions & { readonly help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        once: { type: 'boolean' },
        json: { type: 'boolean' },
        crash: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
    return {
      once: values.once ?? false,
      json: values.json ?? false,
      crash: values.crash ?? false,
      help: values.help ?? false,
    };
  } catch (error) {
    const [what] = (error as Error).message.split('. ');
    throw new DemoError('usage', `${what}. What there is: --once, --crash, --json, --help`);
  }
}

endOnSignals();
try {
  const options = readOptions();
  if (options.help) process.stdout.write(`${help}\n`);
  else process.exitCode = await demo(options);
} catch (error) {
  const { exitCode, message } = endOf(error);
  process.stderr.write(`The demo cannot go on: ${message}\n`);
  // What was opened before it failed would keep the process alive.
  process.exit(exitCode);
}
