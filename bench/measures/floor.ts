import { voiceFixtures, voiceSound } from '../../emulators/voices/index.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { longGreeting, monologueRequest } from '../agent-base.ts';
import type { Bed, BenchInstance } from '../bed.ts';
import { dial, pause } from '../call.ts';
import { type Figure, figureOf } from '../figure.ts';
import { floorLost } from '../log.ts';
import { loadNow } from '../machine.ts';
import type { TurnBenchOptions } from '../turn.ts';

/** One interruption, from both ends. */
interface Interruption {
  readonly file: string;
  readonly greeting: boolean;
  /** Caller's first sound → the agent is silent at the phone. */
  readonly earMs: number;
  readonly duckedMs?: number;
  readonly silentMs?: number;
}

const interruptions = voiceFixtures().filter(({ kind }) => kind === 'interruption');
const agents = ['flux-talker', 'nova-talker'] as const;
const [firstOfGreeting] = longGreeting.split(' ');
/** The greeting once, then answers. */
const perCall = 5;

/** One call in which the caller interrupts the greeting and some long answers. */
async function interruptedCall(
  bed: Bed,
  instance: BenchInstance,
  agent: string,
  files: readonly (typeof interruptions)[number][],
): Promise<Interruption[]> {
  const call = await dial(bed, instance, agent);
  const { phone } = call;
  const seen: { file: string; greeting: boolean; fromMs: number; untilMs: number; earMs: number }[] = [];
  for (const [index, fixture] of files.entries()) {
    // oxlint-disable no-await-in-loop -- a conversation
    if (index === 0) await phone.when('heard.word', ({ text }) => text === firstOfGreeting);
    else await answering(phone);
    await pause(1000, 1600);
    bed.emulators.deepgram.script([{ words: [...fixture.words], durationMs: fixture.durationMs }]);
    const { startMs: fromMs } = await phone.speak(voiceSound(fixture));
    const { endMs } = await phone.when('sound.ended', (sound) => sound.endMs > fromMs, 10_000);
    seen.push({ file: fixture.file, greeting: index === 0, fromMs, untilMs: Date.now(), earMs: endMs - fromMs });
    await answered(phone, fromMs + fixture.durationMs);
    // oxlint-enable no-await-in-loop
  }
  const entries = await call.end();
  return seen.map(({ fromMs, untilMs, ...rest }) => ({ ...rest, ...floorLost(entries, fromMs, untilMs) }));
}

/** Asks for a long answer and waits until it has begun. */
async function answering(phone: Phone): Promise<void> {
  const { words } = await phone.sayWords(monologueRequest);
  await phone.when('sound.began', ({ startMs }) => startMs > words.at(-1)!.endMs);
}

/** Waits until what the agent says to the interruption is over. */
async function answered(phone: Phone, afterMs: number): Promise<void> {
  const { startMs } = await phone.when('sound.began', (sound) => sound.startMs > afterMs, 15_000);
  await phone.when('sound.ended', (sound) => sound.startMs >= startMs, 15_000);
  await pause(1000, 1300);
}

export async function measureFloor(bed: Bed, { turns, tell, trouble }: TurnBenchOptions): Promise<readonly Figure[]> {
  const calls = Math.max(2, Math.ceil(turns / 3 / perCall / 2) * 2);
  const found: Interruption[][] = [];
  const instance = await bed.startInstance();
  try {
    for (let at = 0; at < calls; at += 1) {
      const agent = agents[at % agents.length]!;
      const files = Array.from(
        { length: perCall },
        (_, index) => interruptions[(Math.floor(at / 2) * perCall + index) % interruptions.length]!,
      );
      // oxlint-disable-next-line no-await-in-loop -- one call at a time
      const call = await interruptedCall(bed, instance, agent, files).catch((error: unknown) => {
        trouble(`a call with ${agent} was left out: ${String(error).slice(0, 300)}`);
      });
      if (!call) continue;
      found.push(call);
      for (const each of call)
        tell(
          `  ${agent.padEnd(11)} ${each.file.padEnd(32)} ducked ${each.duckedMs ?? '–'}  silent ${each.silentMs ?? '–'}  at the ear ${Math.round(each.earMs)}`,
        );
    }
  } finally {
    await instance.stop();
  }
  return figuresOf(found);
}

function figuresOf(found: readonly (readonly Interruption[])[]): Figure[] {
  const load = loadNow();
  const of = (name: 'duckedMs' | 'silentMs' | 'earMs') => found.map((call) => call.flatMap((each) => each[name] ?? []));
  const greeting = found.map((call) =>
    call.flatMap((each) => (each.greeting && each.silentMs !== undefined ? [each.silentMs] : [])),
  );
  return [
    figureOf(
      {
        name: 'caller’s first sound → ducked, edge',
        load,
        note: 'onset as our own ear dates it → the gain is given to the player, which sends at once',
      },
      of('duckedMs'),
      [{ of: 'p95', atMost: 120 }],
    ),
    figureOf(
      { name: 'floor taken, edge', load, note: 'the same onset → silence, real voices, greeting included' },
      of('silentMs'),
      [
        { of: 'p50', atMost: 400 },
        { of: 'p95', atMost: 700 },
      ],
    ),
    figureOf({ name: 'floor taken in the greeting, edge', load }, greeting),
    figureOf(
      { name: 'floor taken, ear', load, note: 'the phone’s own first sound → the phone hears silence' },
      of('earMs'),
    ),
  ];
}
