import type { Bed } from '../bed.ts';
import { type Figure, figureOf, type Goal } from '../figure.ts';
import type { PickUp, TurnEntry } from '../log.ts';
import { loadNow } from '../machine.ts';
import { type AskedTurn, type QuestionCall, questionCall } from '../question-call.ts';
import type { TurnBenchOptions } from '../turn.ts';

const turnsPerCall = 8;
/** Those that end in `plain` do not think ahead: there our own part of a turn is seen. */
const agents = ['flux', 'nova', 'flux-plain', 'nova-plain'] as const;
type AgentName = (typeof agents)[number];
type Found = Readonly<Record<AgentName, readonly QuestionCall[]>>;

export async function measureReplies(bed: Bed, options: TurnBenchOptions): Promise<readonly Figure[]> {
  const { turns, tell, trouble } = options;
  const found: Record<AgentName, QuestionCall[]> = { flux: [], nova: [], 'flux-plain': [], 'nova-plain': [] };
  const instance = await bed.startInstance();
  try {
    for (let round = 0; round < Math.ceil(turns / turnsPerCall / agents.length); round += 1)
      for (const agent of agents) {
        // oxlint-disable-next-line no-await-in-loop -- one call at a time
        const call = await questionCall(bed, instance, agent, turnsPerCall).catch((error: unknown) => {
          trouble(`a call with ${agent} was left out: ${String(error).slice(0, 300)}`);
        });
        if (!call) continue;
        found[agent].push(call);
        const shown = call.asked.map(({ earMs, waitedMs }) => `${Math.round(earMs)} (${Math.round(waitedMs)})`);
        tell(`  ${agent.padEnd(10)} at the ear (of it waited for a core) ${shown.join('  ')}  load ${loadNow()}`);
      }
  } finally {
    await instance.stop();
  }
  return figuresOf(found);
}

function figuresOf(found: Found): Figure[] {
  const load = loadNow();
  const all = Object.values(found).flat();
  return [
    ...stageFigures([...found['flux-plain'], ...found['nova-plain']], load),
    ...earFigures('flux', found, load, [{ of: 'p50', atMost: 600 }]),
    ...earFigures('nova', found, load, [{ of: 'p50', atMost: 680 }]),
    ...earFigures('flux-plain', found, load),
    ...earFigures('nova-plain', found, load),
    figureOf(
      { name: 'way in', load, note: 'caller’s first sound leaves the phone → our ear has it' },
      asked(all, 'wayInMs'),
    ),
    figureOf(
      { name: 'way out', load, note: 'our first sound is handed to rtc-node → the phone has it' },
      asked(all, 'wayOutMs'),
    ),
    ...pickUpFigures(
      all.flatMap(({ pickUp }) => pickUp ?? []),
      load,
    ),
  ];
}

const asked = (calls: readonly QuestionCall[], name: keyof AskedTurn): number[][] =>
  calls.map((call) => call.asked.flatMap((turn) => turn[name] ?? []));

function stageFigures(plain: readonly QuestionCall[], load: number): Figure[] {
  const stage = (name: keyof TurnEntry) => plain.map(({ turns }) => turns.flatMap((turn) => turn[name] ?? []));
  const note =
    'without thinking ahead: turn decided → model asked, first clause → voice asked, first audio → captureFrame';
  return [
    figureOf({ name: 'own part of a turn', load, note }, stage('ownMs'), [
      { of: 'p50', atMost: 20 },
      { of: 'p95', atMost: 40 },
    ]),
    figureOf({ name: 'model asked → first token', load }, stage('modelMs')),
    figureOf({ name: 'first token → first clause', load }, stage('clauseMs')),
    figureOf({ name: 'voice asked → first audio', load }, stage('voiceMs')),
  ];
}

/** With the turns in which nobody of ours waited for a core, as far as there were any. */
function earFigures(agent: AgentName, found: Found, load: number, goals: readonly Goal[] = []): Figure[] {
  const name = `reply at the ear, ${agent}`;
  return [
    figureOf({ name, load }, asked(found[agent], 'earMs'), goals),
    figureOf({ name: `… of it threads of ours waited for a core`, load }, asked(found[agent], 'waitedMs')),
  ];
}

function pickUpFigures(calls: readonly PickUp[], load: number): Figure[] {
  const of = (name: keyof PickUp) => calls.map((call) => [call[name]]);
  const published = 'the caller’s webhook at our door → LiveKit’s own for our track, at the same door';
  const answered = '… → the gateway has subscribed to our track';
  return [
    figureOf({ name: 'webhook → machine started', load }, of('startedMs')),
    figureOf({ name: 'webhook → track published', load, note: published }, of('publishedMs'), [
      { of: 'p95', atMost: 250 },
    ]),
    figureOf({ name: 'webhook → sound can be sent', load, note: '… → line.joined' }, of('joinedMs')),
    figureOf({ name: 'webhook → answered', load, note: answered }, of('answeredMs')),
  ];
}
