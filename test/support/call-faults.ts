import { z } from 'zod';
import type { Rule } from '../../emulators/openai/script.ts';
import { type AgentOptions, builtInPhrases, cartesia, flux, groq, nova, openai, tool } from '../../src/agent.ts';
import { isEvent } from './call-story.ts';
import type { CallWorld, TestCall } from './call-world.ts';

export const vendorsUnderTest = ['Nova', 'Flux', 'OpenAI', 'Groq', 'Cartesia', 'Tool', 'Several'] as const;
export type VendorUnderTest = (typeof vendorsUnderTest)[number];

export interface CallFault {
  readonly vendor: VendorUnderTest;
  readonly name: string;
  readonly agent: Partial<AgentOptions>;
  /** What the model says first, where that is part of the fault. */
  readonly rules?: readonly Rule[];
  /** The answer that the caller is given in spite of it, as there is a backup. */
  readonly answer: string;
  /** Breaks the vendor while the call is under way: at once, or as soon as the caller has begun to be understood. */
  strike(world: CallWorld, call: TestCall): Promise<void>;
  /** The vendor is well again. */
  heal(world: CallWorld): void;
}

/** What the model says to a caller who likes red, and to everything else. */
export const redAnswer = 'Ruby it is, a fine stone, and rare. It is yours.';
export const elseAnswer = 'Then jade.';

/** Each is met by a request or stream that is made anew: where one is open, it is reset first. */
const atHandshake: readonly (readonly [name: string, fault: object])[] = [
  ['refuses connections', { kind: 'refuse' }],
  ['hangs at connect', { kind: 'hang', at: 'connect' }],
  ['hangs before its first result', { kind: 'hang' }],
  ['is reset at the handshake', { kind: 'reset', at: 'handshake' }],
  ['answers 401', { kind: 'status', status: 401 }],
  ['answers 402', { kind: 'status', status: 402 }],
  ['answers 403', { kind: 'status', status: 403 }],
  ['answers 404', { kind: 'status', status: 404 }],
  ['answers 429', { kind: 'status', status: 429 }],
  ['answers 429 with Retry-After', { kind: 'status', status: 429, headers: { 'retry-after': '20' } }],
  ['answers 500', { kind: 'status', status: 500 }],
  ['answers 503', { kind: 'status', status: 503 }],
  ['answers with something else', { kind: 'status', status: 200, body: '<html>Welcome</html>' }],
  ['is slow', { kind: 'slow', delayMs: 700 }],
];

/** Each is met in the middle of a stream of results. */
const inStream: readonly (readonly [name: string, fault: { readonly kind: string }])[] = [
  ['stalls in mid-stream', { kind: 'stall' }],
  ['is reset in mid-stream', { kind: 'reset' }],
  ['closes in mid-stream', { kind: 'close' }],
  ['sends garbage in mid-stream', { kind: 'garbage' }],
  ['sends an error in mid-stream', { kind: 'error' }],
];

const emulatorOf = ({ emulators }: CallWorld, vendor: VendorUnderTest) =>
  vendor === 'OpenAI'
    ? emulators.openai
    : vendor === 'Groq'
      ? emulators.groq
      : vendor === 'Cartesia'
        ? emulators.cartesia
        : emulators.deepgram;

/** In order of failover; the vendor under test is asked first. */
const models = [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')];

const isModel = (vendor: VendorUnderTest): boolean => vendor === 'OpenAI' || vendor === 'Groq';
const isEar = (vendor: VendorUnderTest): boolean => vendor === 'Nova' || vendor === 'Flux';

function callFault(
  vendor: VendorUnderTest,
  name: string,
  strike: (world: CallWorld, call: TestCall) => void | Promise<void>,
): CallFault {
  return {
    vendor,
    name,
    agent: {
      ears: vendor === 'Flux' ? [flux(), openai('gpt-4o-mini-transcribe')] : [nova(), groq('whisper-large-v3-turbo')],
      model: vendor === 'Groq' ? models.toReversed() : models,
      voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091'), openai('alloy')],
    },
    answer: redAnswer,
    strike: async (world, call) => strike(world, call),
    heal: (world) => emulatorOf(world, vendor).faults.clear(),
  };
}

const handshakeFault = (vendor: VendorUnderTest, name: string, fault: object): CallFault =>
  callFault(vendor, name, (world) => {
    const { faults } = emulatorOf(world, vendor);
    faults.add(fault);
    faults.add({ kind: 'drop' });
  });

/** The streams of an ear are open all the time, those of model and voice begin with the answer. */
const streamFault = (vendor: VendorUnderTest, name: string, fault: { readonly kind: string }): CallFault =>
  callFault(vendor, name, async (world, call) => {
    if (!isEar(vendor)) return emulatorOf(world, vendor).faults.add({ ...fault, after: 2 });
    const from = call.entries().length;
    await call.until((entry) => entry.seq > from && isEvent('stt.words')(entry));
    world.emulators.deepgram.strikeOpen(fault);
  });

/** The model asks for a tool, is told what came of it, and says nothing more: another says it. */
function secondRoundFault(vendor: VendorUnderTest): CallFault {
  let world: CallWorld | undefined;
  const run = () => {
    emulatorOf(world!, vendor).faults.add({ kind: 'hang' });
    return 'red';
  };
  const fault = callFault(vendor, 'hangs after a tool', (struck) => void (world = struck));
  return {
    ...fault,
    agent: { ...fault.agent, tools: { look: tool({ about: 'Looks.', input: z.object({}), run }) } },
    rules: [
      { user: 'red', tools: [{ name: 'look', input: {} }] },
      { tool: 'look', text: redAnswer },
    ],
  };
}

const circle: Record<string, unknown> = {};
circle['self'] = circle;

/** What a tool does instead of giving its result in time. */
const toolFaults: readonly (readonly [name: string, run: () => unknown])[] = [
  ['never gives a result', () => new Promise(() => undefined)],
  ['throws', () => Promise.reject(new Error('the house is not reached'))],
  ['is slow', () => new Promise((resolve) => setTimeout(resolve, 4000, 'red'))],
  ['gives what cannot be written', () => circle],
  ['gives too much', () => 'red '.repeat(1_000_000)],
];

/** The model asks for the tool, and answers whatever comes of it. */
const toolFault = ([name, run]: (typeof toolFaults)[number]): CallFault => ({
  vendor: 'Tool',
  name,
  agent: { model: models, tools: { look: tool({ about: 'Looks.', input: z.object({}), run }) } },
  rules: [
    { user: 'red', tools: [{ name: 'look', input: {} }] },
    { tool: 'look', text: redAnswer },
  ],
  answer: redAnswer,
  strike: async () => undefined,
  heal: () => undefined,
});

const hangModels = ({ emulators }: CallWorld) => [emulators.openai, emulators.groq].forEach(hang('completions'));
const hangVoices = ({ emulators }: CallWorld) => {
  hang()(emulators.cartesia);
  hang('speech')(emulators.openai);
};
const hang =
  (path?: string) =>
  ({ faults }: Pick<CallWorld['emulators']['openai'], 'faults'>): void =>
    void faults.add({ kind: 'hang', ...(path === undefined ? {} : { path }) });

const inTime = { endOfTurnMs: 150, eagerMs: 60, openEndMs: 1300 };
/** Flux tells of the end of a turn later than anybody waits. */
const late = { endOfTurnMs: 4000, eagerMs: 3900, openEndMs: 4000 };

const severalFaults: readonly (readonly [name: string, ear: 'Nova' | 'Flux', strike: (world: CallWorld) => void])[] = [
  ['both models hang', 'Nova', hangModels],
  ['both voices hang', 'Nova', hangVoices],
  [
    'both models and both voices hang',
    'Nova',
    (world) => {
      hangModels(world);
      hangVoices(world);
    },
  ],
  [
    'the model and both voices hang, the end of the turn comes late',
    'Flux',
    (world) => {
      hang('completions')(world.emulators.openai);
      hangVoices(world);
      world.emulators.deepgram.settings.change(late);
    },
  ],
];

/** Nobody is left to complete the turn: the caller is told so. */
const severalFault = ([name, ear, strike]: (typeof severalFaults)[number]): CallFault => ({
  ...callFault(ear, name, strike),
  vendor: 'Several',
  answer: builtInPhrases['en']!.apology,
  heal({ emulators: { openai: model, groq: other, cartesia: voice, deepgram } }) {
    for (const { faults } of [model, other, voice]) faults.clear();
    deepgram.settings.change(inTime);
  },
});

/** Every fault of every vendor, of a tool and of several at once, as it strikes a call. */
export const callFaults: readonly CallFault[] = [
  ...vendorsUnderTest.filter((vendor) => vendor !== 'Tool' && vendor !== 'Several').flatMap(faultsOf),
  ...toolFaults.map(toolFault),
  ...severalFaults.map(severalFault),
];

function faultsOf(vendor: VendorUnderTest): readonly CallFault[] {
  return [
    ...atHandshake.map(([name, fault]) => handshakeFault(vendor, name, fault)),
    ...inStream.map(([name, fault]) => streamFault(vendor, name, fault)),
    ...(isModel(vendor) ? [secondRoundFault(vendor)] : []),
  ];
}
