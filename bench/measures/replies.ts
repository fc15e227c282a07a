import { questions } from '../agent-base.ts';
import type { Bed, BenchInstance } from '../bed.ts';
import { dial, greeted, heardSound, pause } from '../call.ts';
import { type Figure, figureOf, type Goal } from '../figure.ts';
import { type PickUp, pickUpOf, timingsOf, type TurnEntry } from '../log.ts';
import { loadNow } from '../machine.ts';
import type { TurnBenchOptions } from '../turn.ts';

/** What came of the turns of one call. */
export interface RepliesOfCall {
  /** Caller's last sound → agent's first sound, at the phone. */
  readonly earMs: readonly number[];
  /** What the instance measured of the same turns. */
  readonly turns: readonly TurnEntry[];
  readonly pickUp: PickUp | undefined;
}

/** One call in which the caller asks so many questions and hears the answers out. */
export async function repliesOfCall(
  bed: Bed,
  instance: BenchInstance,
  agent: string,
  turns: number,
): Promise<RepliesOfCall> {
  const notesBefore = instance.webhookNotes.length;
  const call = await dial(bed, instance, agent);
  const { phone } = call;
  await greeted(phone);
  const earMs: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    // oxlint-disable no-await-in-loop -- a conversation
    const { words } = await phone.sayWords(questions[turn % questions.length]!);
    const spokeUntil = words.at(-1)!.endMs;
    earMs.push((await heardSound(phone, spokeUntil)) - spokeUntil);
    await pause(500, 900);
    // oxlint-enable no-await-in-loop
  }
  const entries = await call.end();
  return {
    earMs,
    turns: timingsOf(entries),
    pickUp: pickUpOf(instance.webhookNotes.slice(notesBefore), entries, phone.events()),
  };
}

const turnsPerCall = 8;
/** The example agents hear by Flux and think ahead; our own part of a turn is measured where nothing is done ahead of time. */
const agents = ['flux', 'nova', 'flux-plain', 'nova-plain'] as const;

export async function measureReplies(bed: Bed, options: TurnBenchOptions): Promise<readonly Figure[]> {
  const { turns, tell, trouble } = options;
  const calls = Math.ceil(turns / turnsPerCall / agents.length);
  const found = Object.fromEntries(agents.map((agent) => [agent, [] as RepliesOfCall[]]));
  const instance = await bed.startInstance();
  try {
    for (let round = 0; round < calls; round += 1)
      for (const agent of agents) {
        // oxlint-disable no-await-in-loop -- one call at a time
        const call = await repliesOfCall(bed, instance, agent, turnsPerCall).catch((error: unknown) => {
          trouble(`a call with ${agent} was left out: ${String(error).slice(0, 300)}`);
        });
        // oxlint-enable no-await-in-loop
        if (!call) continue;
        found[agent]!.push(call);
        tell(`  ${agent.padEnd(10)} at the ear ${call.earMs.map(Math.round).join(' ')}  load ${loadNow()}`);
      }
  } finally {
    await instance.stop();
  }
  return figuresOf(found as Record<(typeof agents)[number], RepliesOfCall[]>);
}

function figuresOf(found: Record<(typeof agents)[number], readonly RepliesOfCall[]>): Figure[] {
  const load = loadNow();
  const all = Object.values(found).flat();
  const plain = [...found['flux-plain'], ...found['nova-plain']];
  const stage = (name: keyof TurnEntry) => plain.map(({ turns }) => turns.flatMap((turn) => turn[name] ?? []));
  const ear = (agent: (typeof agents)[number], goals: Goal[], note: string) =>
    figureOf(
      { name: `reply at the ear, ${agent}`, load, note },
      found[agent].map(({ earMs }) => earMs),
      goals,
    );
  return [
    figureOf(
      {
        name: 'own part of a turn',
        load,
        note: 'without thinking ahead: turn decided → model asked, first clause → voice asked, first audio → captureFrame',
      },
      stage('ownMs'),
      [
        { of: 'p50', atMost: 20 },
        { of: 'p95', atMost: 40 },
      ],
    ),
    figureOf({ name: 'model asked → first token', load }, stage('modelMs')),
    figureOf({ name: 'first token → first clause', load }, stage('clauseMs')),
    figureOf({ name: 'voice asked → first audio', load }, stage('voiceMs')),
    ear('flux', [{ of: 'p50', atMost: 600 }], 'caller’s last sound → agent’s first, by the phone’s clock'),
    ear('nova', [{ of: 'p50', atMost: 680 }], 'the same'),
    ear('flux-plain', [], 'without thinking ahead'),
    ear('nova-plain', [], 'without thinking ahead'),
    ...pickUpFigures(
      all.flatMap(({ pickUp }) => pickUp ?? []),
      load,
    ),
  ];
}

function pickUpFigures(calls: readonly PickUp[], load: number): Figure[] {
  const of = (name: keyof PickUp) => calls.map((call) => [call[name]]);
  return [
    figureOf(
      {
        name: 'webhook → track published',
        load,
        note: 'the caller’s webhook at our door → LiveKit’s own for our track, at the same door',
      },
      of('publishedMs'),
      [{ of: 'p95', atMost: 250 }],
    ),
    figureOf({ name: 'webhook → machine started', load }, of('startedMs')),
    figureOf({ name: 'webhook → sound can be sent', load, note: '… → line.joined' }, of('joinedMs')),
    figureOf(
      { name: 'webhook → answered', load, note: '… → the gateway has subscribed to our track' },
      of('answeredMs'),
    ),
  ];
}
