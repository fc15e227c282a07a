import { parseArgs } from 'node:util';
import { endOnSignals } from '../lib/owned.ts';
import { ensureConsole } from '../build-console.ts';
import { openPhoneDoor } from './phone-door.ts';
import { createScreen } from './screen.ts';
import { runScriptedCall } from './scripted-call.ts';
import { faultsOf, resultOf, summaryLines } from './summary.ts';
import { openWorld } from './world.ts';

const help = `npm run demo [-- options]

Brings up a LiveKit server, emulated vendors and one Voicechart instance on this machine,
and lets a scripted caller phone in. No keys, no account. Ctrl-C ends everything.

  --once    end after the scripted call; exit code 0 only if all it should show was seen
            and what the caller heard is what the history says
  --json    print one JSON object as the last line, and nothing else on stdout
  --help    this page

  LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET   use this LiveKit instead of an own one
  NO_COLOR                                           no colours`;

/** A run in which more than this share of the words was damaged on its way says nothing. */
const mostLost = 0.05;

async function demo({ once, json }: { readonly once: boolean; readonly json: boolean }): Promise<number> {
  endOnSignals();
  const screen = createScreen(json ? process.stderr : process.stdout);
  const startedAt = performance.now();
  screen.line(
    'Voicechart demo: a phone call with an AI agent. Everything runs on this machine; the vendors are emulated.\n',
  );
  await ensureConsole((line) => screen.line(line));
  const world = await openWorld({ env: process.env, tell: (line) => screen.line(line) });
  if (world.kind === 'in-process')
    screen.line(
      'No livekit-server could be had: the room is IN-PROCESS, without a network. For the real one install Go 1.24+, Docker or livekit-server.',
    );
  const door = await openPhoneDoor(world);
  const console = `${world.api}/console/?phone=${encodeURIComponent(door.url)}`;
  screen.line(`Vendors       Deepgram, OpenAI and Cartesia emulators`);
  screen.line(`Console       ${console}`);
  screen.line(`ready in ${((performance.now() - startedAt) / 1000).toFixed(1)} s; the caller dials …`);

  let call = await runScriptedCall(world, screen);
  if (call.verdict.lostInTransit > mostLost * call.verdict.words) {
    screen.line(
      `\n${call.verdict.lostInTransit} of ${call.verdict.words} words were damaged on the way: this machine is too busy, once more`,
    );
    call = await runScriptedCall(world, screen);
  }
  const result = resultOf(world.kind, call);
  const faults = faultsOf(result, call);
  for (const line of summaryLines(result, faults)) screen.line(line);
  if (!once) {
    screen.line(`\nYour turn: open ${console} and type what a caller says. Ctrl-C ends everything.`);
    await new Promise(() => undefined);
  }
  door.close();
  await world.close();
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
  return faults.length === 0 ? 0 : 1;
}

const { values } = parseArgs({
  options: { once: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) console.log(help);
else process.exitCode = await demo({ once: values.once ?? false, json: values.json ?? false });
