import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ToolSpec } from '../../src/actors/reply-model.ts';
import {
  agent,
  AgentError,
  type AgentOptions,
  builtInPhrases,
  builtInTools,
  cartesia,
  flux,
  groq,
  isAgent,
  nova,
  openai,
  tool,
  toolSpecs,
} from '../../src/agent.ts';

const least: AgentOptions = {
  name: 'receptionist',
  language: ['en'],
  ears: [flux()],
  model: [openai('gpt-5.4-mini')],
  voice: [cartesia('a0e9')],
  disclosure: 'You are speaking with an AI assistant.',
  greeting: 'Hello.',
  instructions: 'Short sentences.',
};

function problemsOf(options: unknown): readonly string[] {
  try {
    agent(options as AgentOptions);
    return [];
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return error.problems.map(({ path, came, allowed }) => `${path} | ${came} | ${allowed}`);
  }
}

const refusalsOf = (change: object) => problemsOf({ ...least, ...change });

test('completes a definition with the defaults', () => {
  expect(agent(least)).toEqual({
    ...least,
    recording: false,
    tools: {},
    people: {},
    speculate: true,
    maxCallMs: 1_800_000,
    phrases: { en: builtInPhrases['en'] },
  });
});

test('vendor references are plain data, in failover order', () => {
  const made = agent({
    ...least,
    ears: [flux({ terms: ['Lindau'] }), nova({ model: 'nova-3' })],
    model: [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')],
    voice: [cartesia('a0e9', { model: 'sonic-3.5' }), openai('alloy')],
  });
  expect(JSON.parse(JSON.stringify([made.ears, made.model, made.voice]))).toEqual([
    [
      { kind: 'flux', terms: ['Lindau'] },
      { kind: 'nova', model: 'nova-3' },
    ],
    [
      { kind: 'openai', model: 'gpt-5.4-mini' },
      { kind: 'groq', model: 'openai/gpt-oss-120b' },
    ],
    [
      { kind: 'cartesia', voiceId: 'a0e9', model: 'sonic-3.5' },
      { kind: 'openai', model: 'alloy' },
    ],
  ]);
});

test('a made agent is frozen all through, and what the author wrote stays as it was', () => {
  const options = { ...least, tools: { look: tool({ about: 'look', input: z.object({}), run: () => 1 }) } };
  const made = agent(options);
  for (const part of [made, made.language, made.ears[0], made.tools, made.tools['look'], made.phrases['en']])
    expect(Object.isFrozen(part)).toBe(true);
  expect(Object.isFrozen(options.tools)).toBe(false);
  expect([isAgent(made), isAgent({ ...made }), isAgent(options), isAgent(null)]).toEqual([true, false, false, false]);
});

test('a tool is of effect once and has ten seconds unless it says otherwise, and keeps its function', () => {
  const { tools } = agent({
    ...least,
    tools: {
      price: tool({ about: 'price', input: z.object({ nights: z.number() }), run: ({ nights }) => nights * 120 }),
    },
  });
  expect(tools['price']).toMatchObject({ effect: 'once', timeoutMs: 10_000 });
  expect(tools['price']?.run({ nights: 2 }, { signal: AbortSignal.timeout(1), key: 'k' })).toBe(240);
});

test('the model is told the built-in tools and then the own ones, as JSON Schema of what it has to write', () => {
  const input = z.object({ nights: z.int().min(1).describe('how many'), breakfast: z.boolean().default(true) });
  const specs: readonly ToolSpec[] = toolSpecs(
    agent({ ...least, tools: { price: tool({ about: 'Price', input, run: () => 1 }) } }),
  );
  expect(specs.map(({ name }) => name)).toEqual(['end_call', 'send_digits', 'collect_digits', 'price']);
  expect(specs.slice(0, 3)).toEqual(builtInTools);
  expect(specs[3]).toEqual({
    name: 'price',
    about: 'Price',
    input: {
      type: 'object',
      properties: {
        nights: { type: 'integer', minimum: 1, maximum: 9_007_199_254_740_991, description: 'how many' },
        breakfast: { type: 'boolean', default: true },
      },
      required: ['nights'],
    },
  });
});

test('phrases of the author stand in for the built-in ones, also of a language with a region', () => {
  const { phrases } = agent({ ...least, language: ['de-AT', 'ru'], phrases: { 'de-AT': { goodbye: 'Servus.' } } });
  expect(phrases['de-AT']).toEqual({ ...builtInPhrases['de'], goodbye: 'Servus.' });
  expect(phrases['ru']).toEqual(builtInPhrases['ru']);
});

test('a language without built-in phrases has to bring every one of them', () => {
  const own = { filler: 'Un instant.', apology: 'Désolé.', goodbye: 'Au revoir.', areYouThere: 'Vous êtes là ?' };
  expect(refusalsOf({ language: ['fr'], phrases: { fr: own } })).toEqual([
    'phrases.fr.pleaseRepeat | nothing | text: phrases are built in for en, de, ru only',
    'phrases.fr.cannotHear | nothing | text: phrases are built in for en, de, ru only',
    'phrases.fr.sorryForPause | nothing | text: phrases are built in for en, de, ru only',
    'phrases.fr.puttingThrough | nothing | text: phrases are built in for en, de, ru only',
    'phrases.fr.unavailable | nothing | text: phrases are built in for en, de, ru only',
  ]);
  const all = {
    ...own,
    pleaseRepeat: 'Pardon ?',
    cannotHear: 'Je ne vous entends plus.',
    sorryForPause: 'Pardon pour la pause.',
    puttingThrough: 'Je vous passe quelqu’un.',
    unavailable: 'Personne pour le moment.',
  };
  expect(agent({ ...least, language: ['fr'], phrases: { fr: all } }).phrases).toEqual({ fr: all });
});

test.each([true, {}, { storage: 'archive', dual: true }])('recording may be %j', (recording) => {
  expect(agent({ ...least, recording }).recording).toEqual(recording);
});

test.each([
  ['yes', 'recording | "yes" | true, false or { storage, dual }'],
  [{ storage: '../etc' }, 'recording.storage | "../etc" | the name of a storage'],
  [{ format: 'mp3' }, 'recording.format | "mp3" | only the fields storage, dual'],
])('recording may not be %j', (recording, problem) => {
  expect(refusalsOf({ recording })).toEqual([problem]);
});

test.each<[string, object, string]>([
  [
    'a name with spaces',
    { name: 'My Agent' },
    'name | "My Agent" | a name in small letters, digits and -, such as receptionist',
  ],
  ['no language', { language: [] }, "language | an empty list | a list of 1 to 10 language tags such as 'en'"],
  [
    'a language that is none',
    { language: ['english'] },
    "language[0] | \"english\" | a language tag such as 'en' or 'de-AT'",
  ],
  ['a language twice', { language: ['en', 'en'] }, 'language[1] | "en" | each language once'],
  [
    'one ear instead of a list',
    { ears: flux() },
    "ears | an object | a list of 1 to 5 of flux({ … }), nova({ … }), openai('…'), groq('…')",
  ],
  [
    'a voice among the ears',
    { ears: [cartesia('x') as never] },
    "ears[0].kind | \"cartesia\" | flux({ … }), nova({ … }), openai('…') or groq('…')",
  ],
  [
    'an ear for whole utterances as the first',
    { ears: [groq('whisper-large-v3-turbo'), flux()] },
    'ears[0] | an object | flux({ … }) or nova({ … }) first: openai and groq hear whole utterances, as backup only',
  ],
  [
    'terms that are no list',
    { ears: [flux({ terms: 'Lindau' as never })] },
    'ears[0].terms | "Lindau" | a list of words',
  ],
  ['a voice among the models', { model: [cartesia('x')] }, "model[0].kind | \"cartesia\" | openai('…') or groq('…')"],
  [
    'a model without a name',
    { model: [openai('')] },
    'model[0].model | "" | the name of a model of 1 to 100 characters',
  ],
  [
    'a voice without a name',
    { voice: [openai('')] },
    'voice[0].model | "" | the name of a model of 1 to 100 characters',
  ],
  ['a blank greeting', { greeting: ' \n' }, 'greeting | " \\n" | text of 1 to 1000 characters'],
  ['no disclosure', { disclosure: undefined }, 'disclosure | nothing | text of 1 to 1000 characters'],
  [
    'too long instructions',
    { instructions: 'x'.repeat(50_001) },
    'instructions | text of 50001 characters | text of 1 to 50000 characters',
  ],
  ['a call too short', { maxCallMs: 9_999 }, 'maxCallMs | 9999 | a whole number from 10000 to 14400000'],
  ['no yes or no', { speculate: 'yes' }, 'speculate | "yes" | true or false'],
  [
    'a person at no address',
    { people: { desk: { to: '030 1234', when: 'asked' } } },
    "people.desk.to | \"030 1234\" | 'tel:+…' with country code, or 'sip:user@host'",
  ],
  [
    'phrases of a language it does not speak',
    { phrases: { de: {} } },
    'phrases.de | an object | the languages of the agent: en',
  ],
  [
    'a misspelt field',
    { greting: 'Hi' },
    'greting | "Hi" | only the fields name, language, ears, model, voice, recording, disclosure, greeting, instructions, tools, people, speculate, maxCallMs, phrases',
  ],
])('refuses %s', (_, change, problem) => {
  expect(refusalsOf(change)).toEqual([problem]);
});

const good = { about: 'x', input: z.object({}), run: () => 1 };

test.each<[string, object, string]>([
  [
    'the name of a built-in one',
    { end_call: good },
    'tools.end_call | an object | a name of a letter, then letters, digits or _, at most 64, and not of a built-in tool',
  ],
  [
    'a name no vendor takes',
    { 'book room': good },
    'tools.book room | an object | a name of a letter, then letters, digits or _, at most 64, and not of a built-in tool',
  ],
  ['no function', { t: { ...good, run: 'x' } }, 'tools.t.run | "x" | a function: run(input, { signal, key })'],
  [
    'an input that is no object',
    { t: { ...good, input: z.string() } },
    'tools.t.input | an object | a zod 4 object: z.object({ … })',
  ],
  [
    'an input JSON cannot hold',
    { t: { ...good, input: z.object({ at: z.date() }) } },
    'tools.t.input | an object | fields that JSON can hold (Error: Date cannot be represented in JSON Schema)',
  ],
  [
    'a time limit beyond the longest',
    { t: { ...good, timeoutMs: 25_001 } },
    'tools.t.timeoutMs | 25001 | a whole number from 1 to 25000',
  ],
  [
    'an unknown effect',
    { t: { ...good, effect: 'twice' } },
    "tools.t.effect | \"twice\" | 'none', 'idempotent' or 'once'",
  ],
  [
    'an unknown option',
    { t: { ...good, timeout: 5 } },
    'tools.t.timeout | 5 | only the fields about, input, timeoutMs, effect, meanwhile, run',
  ],
])('refuses a tool with %s', (_, tools, problem) => {
  expect(refusalsOf({ tools })).toEqual([problem]);
});

test('lists every problem at once, of single fields and of what does not fit together', () => {
  const problems = refusalsOf({
    name: 7,
    language: ['fr', 'fr'],
    ears: [openai('gpt-4o-mini-transcribe')],
    recording: 'yes',
    tools: { end_call: { about: '' }, t: { ...good, effect: 'x', input: null } },
    extra: 1,
  });
  expect(problems.map((line) => line.split(' | ')[0]).sort()).toEqual(
    [
      'name',
      'language[1]',
      ...Object.keys(builtInPhrases['en']!).map((name) => `phrases.fr.${name}`),
      'ears[0]',
      'recording',
      ...['', '.about', '.input', '.run'].map((field) => `tools.end_call${field}`),
      'tools.t.effect',
      'tools.t.input',
      'extra',
    ].sort(),
  );
});

test.each([undefined, null, 'agent', [], new Map()])(
  'refuses %s, which is no definition at all, without falling over',
  (value) => {
    expect(problemsOf(value).length).toBeGreaterThan(0);
  },
);

test('the message of the error names the agent and holds every problem on a line of its own', () => {
  expect(() => agent({ ...least, greeting: '', maxCallMs: 1 })).toThrow(
    'agent "receptionist" has 2 problem(s):\n' +
      '  greeting: "" came; allowed: text of 1 to 1000 characters\n' +
      '  maxCallMs: 1 came; allowed: a whole number from 10000 to 14400000',
  );
});
