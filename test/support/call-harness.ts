import { createActor, fromCallback } from 'xstate';
import { builtInPhrases } from '../../src/agent.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import type { AgentFacts, CallContext } from '../../src/machines/call/context.ts';
import type { CallEvent } from '../../src/machines/call/events.ts';
import type { Dial } from '../../src/machines/call/ordered-dial.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** Flux. */
export const deciding = { vendor: 'deepgram', decides: true, tellsEarly: true } as const;
/** One that hears utterance by utterance. */
export const dictated = { vendor: 'openai', decides: false, tellsEarly: false } as const;

export const hotel: AgentFacts = {
  name: 'receptionist',
  languages: ['en'],
  terms: [],
  disclosure: 'You are speaking with an AI assistant.',
  greeting: 'Hotel Lindau, how can I help?',
  speculate: true,
  ears: [{ vendor: 'deepgram', decides: false, tellsEarly: true }],
  maxCallMs: 1_800_000,
  phrases: builtInPhrases['en']!,
  models: ['openai/one'],
  voices: ['cartesia/one'],
  people: ['frontDesk'],
};

export const caller = { identity: 'sip_+15550199', sid: 'PA_1', kind: 'sip', callerKey: 'SCL_1' } as const;

/** Whom a call out is to. */
export const guest: Dial = { to: '+4930123456', ringMs: 30_000, orderedAt: 0 };

/** Something a machine did to an actor. */
export type Deed =
  | { readonly actor: string; readonly did: 'start'; readonly input: any }
  | { readonly actor: string; readonly did: 'stop' }
  | { readonly actor: string; readonly did: 'command'; readonly command: any };

type Loose<E> = E extends { at: number } ? Omit<E, 'at'> & { at?: number } : E;

interface World {
  readonly deeds: Deed[];
  readonly reporters: Map<string, (fact: any) => void>;
}

/** By the system of the call's actors, so that all calls share one machine: making one takes longer than most tests. */
const worlds = new WeakMap<object, World>();

const noting = (actor: string) =>
  fromCallback<any, any>(({ input, sendBack, receive, system }) => {
    const { deeds, reporters } = worlds.get(system)!;
    deeds.push({ actor, did: 'start', input });
    reporters.set(actor, sendBack);
    receive((command) => deeds.push({ actor, did: 'command', command }));
    return () => {
      deeds.push({ actor, did: 'stop' });
      if (reporters.get(actor) === sendBack) reporters.delete(actor);
    };
  });

const machine = createCall({
  joinRoom: noting('line'),
  hangUp: noting('hangUp'),
  dial: noting('dial'),
  findLeg: noting('findLeg'),
  transfer: noting('transfer'),
  watchVoice: noting('voiceActivity'),
  transcribe: noting('stt'),
  play: noting('playback'),
  record: noting('recording'),
  reply: createReply({
    think: noting('think'),
    speak: noting('speak'),
    runTools: noting('tools'),
    playClip: noting('clip'),
  }),
});

/** The real call and reply machines with actors that only note what they are told; the test plays the world. */
export function createCallHarness(
  facts: Partial<AgentFacts> = {},
  options: { snapshot?: unknown; startMs?: number; dial?: Dial; failsafe?: boolean } = {},
) {
  const clock = createVirtualClock(options.startMs);
  const deeds: Deed[] = [];
  const reporters: World['reporters'] = new Map();
  const agent = { ...hotel, ...facts };
  const { dial, failsafe } = options;
  const who = { callKey: 'room~SCL_1', room: 'room', epoch: 1 };
  const input = { ...who, agent, dial, now: clock.now(), ...(failsafe && { failsafe }) };
  const actor = createActor(machine, {
    input,
    clock,
    ...(options.snapshot ? { snapshot: options.snapshot as never } : {}),
  });
  worlds.set(actor.system, { deeds, reporters });
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  const due = new Map<string, number>();
  const noteDue = () => {
    // oxlint-disable-next-line no-underscore-dangle -- XState's public name
    for (const [key, { delay }] of Object.entries(actor.system.getSnapshot()._scheduledEvents))
      if (!due.has(key)) due.set(key, clock.now() + delay);
  };
  actor.subscribe(noteDue);
  actor.start();
  noteDue();
  const context = (): CallContext => actor.getSnapshot().context;
  const harness = {
    actor,
    clock,
    deeds,
    errors,
    context,
    /** When a timer was first due, in ms of the virtual clock. */
    dueAt: (key: string) => due.get(key),
    /** A fact of the world, stamped with the virtual time. */
    send: (event: Loose<CallEvent>) => actor.send({ at: clock.now(), ...event } as CallEvent),
    /** A fact of a running leaf actor, such as `think`, to the machine that invoked it. */
    report: (name: string, fact: any) => {
      const reporter = reporters.get(name);
      if (!reporter) throw new Error(`no actor ${name} is running; running: ${[...reporters.keys()].join(', ')}`);
      reporter({ at: clock.now(), ...fact });
    },
    running: () => [...reporters.keys()].toSorted(),
    /** Dotted paths of the active leaves. */
    states: () => leaves(actor.getSnapshot().value),
    is: (path: string) => leaves(actor.getSnapshot().value).some((leaf) => leaf.includes(path)),
    commands: (name: string) =>
      deeds.flatMap((deed) => (deed.actor === name && deed.did === 'command' ? [deed.command] : [])),
    lines: () =>
      context().history.map((line) =>
        line.who === 'agent'
          ? `agent: ${line.heard.join(' ')}${line.cut ? ' /' : ''}`
          : line.who === 'caller'
            ? `caller: ${line.text}${line.backchannel ? ' (backchannel)' : ''}`
            : `tool: ${line.name}`,
      ),
  };
  return harness;
}

export type CallHarness = ReturnType<typeof createCallHarness>;

export const leaves = (value: unknown, path = ''): string[] =>
  typeof value === 'string'
    ? [path ? `${path}.${value}` : value]
    : Object.entries(value as object)
        .flatMap(([key, child]) => leaves(child, path ? `${path}.${key}` : key))
        .concat(Object.keys(value as object).length === 0 ? [path] : []);

/** Plays a call up to the moment after disclosure and greeting. */
export async function answered(harness: CallHarness): Promise<void> {
  harness.send({ type: 'line.joined' });
  harness.send({ type: 'caller.joined', caller });
  harness.report('stt', { type: 'stt.opened' });
  harness.send({ type: 'caller.answered' });
  await spoken(harness, 'You are speaking with an AI assistant.');
  await spoken(harness, 'Hotel Lindau, how can I help?');
}

/** The agent's present turn is heard to the end. */
export async function spoken(harness: CallHarness, text: string): Promise<void> {
  const { turn } = harness.context();
  harness.send({ type: 'playback.started', turn });
  await harness.clock.advance(50);
  harness.send({ type: 'playback.heard', turn, words: text.split(' '), heardMs: text.length * 60 });
  harness.send({ type: 'playback.finished', turn });
}

/** The caller speaks for a while and stops; the words settle 150 ms after the last sound. */
export async function callerSays(harness: CallHarness, utterance: number, text: string): Promise<void> {
  harness.send({ type: 'caller.voice_started', onsetMs: 60, levelDb: -20 });
  await harness.clock.advance(800);
  harness.send({ type: 'stt.words', utterance, text, final: false });
  await harness.clock.advance(400);
  harness.send({ type: 'caller.voice_stopped', quietMs: 120, echo: false });
  await harness.clock.advance(30);
  harness.send({ type: 'stt.words', utterance, text, final: true });
  harness.send({ type: 'stt.turn_maybe_ended', utterance, text });
}
