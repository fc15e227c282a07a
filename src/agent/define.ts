import { builtInTools, transferTools } from './built-in.ts';
import { crossIssues } from './cross-checks.ts';
import { jsonSchemaOf } from './json.ts';
import { baseLanguage, builtInPhrases, phraseNames, type Phrases } from './phrases.ts';
import { type AgentProblem, problemLine, problemsOf } from './problems.ts';
import { type AgentInput, agentSchema } from './schema.ts';
import type { Tool } from './tool.ts';
import type { EarRef, ModelRef, VoiceRef } from './vendors.ts';

/** Somebody the agent may put the caller through to: configured here, never the model's own text. */
export interface Person {
  /** `tel:+…` or `sip:user@host`. */
  readonly to: string;
  /** For the model: when to put the caller through. */
  readonly when: string;
}

/** What a user writes. */
export interface AgentOptions {
  /** Small letters, digits and `-`; names the agent in configuration, logs and the console. */
  readonly name: string;
  /** Tags such as `en`; the first is the one the agent begins in. */
  readonly language: readonly string[];
  /** In failover order, as `model` and `voice`. */
  readonly ears: readonly EarRef[];
  readonly model: readonly ModelRef[];
  readonly voice: readonly VoiceRef[];
  /**
   * Whether the sound of its calls is kept, from the moment on at which the caller has heard the disclosure: say it there. In the
   * storage of this name (default: the only one, or the one called `default`); `dual`: the agent on a channel of its own.
   */
  readonly recording?: boolean | { readonly storage?: string; readonly dual?: boolean };
  /** Said first, and to the end before anything else counts: that the caller speaks with a machine. */
  readonly disclosure: string;
  readonly greeting: string;
  readonly instructions: string;
  readonly tools?: Readonly<Record<string, Tool>>;
  readonly people?: Readonly<Record<string, Person>>;
  /** Think ahead while the caller may still go on. Default true. */
  readonly speculate?: boolean;
  /** Default 1,800,000. */
  readonly maxCallMs?: number;
  /** By language; what is left out is built in for en, de and ru. */
  readonly phrases?: Readonly<Record<string, Partial<Phrases>>>;
}

/** A checked definition: frozen, plain data plus the tools' functions and schemas. */
export interface Agent extends Required<Omit<AgentOptions, 'phrases'>> {
  /** Complete for every language of the agent. */
  readonly phrases: Readonly<Record<string, Phrases>>;
}

/** A definition that cannot be used, with everything that is wrong with it. */
export class AgentError extends Error {
  readonly problems: readonly AgentProblem[];

  constructor(name: unknown, problems: readonly AgentProblem[]) {
    const who = typeof name === 'string' ? `agent "${name.slice(0, 40)}"` : 'agent';
    super(`${who} has ${problems.length} problem(s):\n${problems.map((each) => `  ${problemLine(each)}`).join('\n')}`);
    this.name = 'AgentError';
    this.problems = problems;
  }
}

// By a registered symbol, so that an agent made with another copy of this package is one too.
const mark = Symbol.for('voicechart.agent');

/** Checks a definition and completes it. Throws an `AgentError` that lists every problem. */
export function agent(options: AgentOptions): Agent {
  const read = agentSchema.safeParse(options);
  const issues = [...(read.success ? [] : read.error.issues), ...crossIssues(options)];
  if (!read.success || issues.length > 0) throw new AgentError(options?.name, problemsOf(issues, options));
  return frozen({ ...read.data, phrases: completePhrases(read.data) });
}

export const isAgent = (value: unknown): value is Agent => typeof value === 'object' && value !== null && mark in value;

const completePhrases = ({ language, phrases }: AgentInput): Record<string, Phrases> =>
  Object.fromEntries(language.map((each) => [each, phrasesOf(each, phrases[each])]));

function phrasesOf(language: string, own: Partial<Phrases> = {}): Phrases {
  const builtIn = builtInPhrases[baseLanguage(language)];
  // The cross-checks have seen to it that one of the two has each phrase.
  return Object.fromEntries(phraseNames.map((name) => [name, own[name] ?? builtIn?.[name]])) as unknown as Phrases;
}

function frozen(definition: Omit<Agent, typeof mark>): Agent {
  Object.defineProperty(definition, mark, { value: true });
  return deepFreeze(definition);
}

/** Plain objects and lists only: a zod schema fills in parts of itself later. */
function deepFreeze<Value>(value: Value): Value {
  if (!isPlain(value)) return value;
  Object.values(value).forEach(deepFreeze);
  return Object.freeze(value);
}

const isPlain = (value: unknown): value is object =>
  Array.isArray(value) ||
  (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype);

/** What the model is told of an agent's tools, the built-in ones first. */
export const toolSpecs = ({ tools, people }: Pick<Agent, 'tools' | 'people'>) => [
  ...builtInTools,
  ...transferTools(people),
  ...Object.entries(tools).map(([name, { about, input }]) => ({ name, about, input: jsonSchemaOf(input) })),
];
