import { readInput, type Agent, type Tool, type ToolEffect } from '../agent.ts';
import type { Clock } from '../clock.ts';
import { leaf, type Stamped } from './leaf.ts';
import { attemptTool, type Intentions } from './tool-attempt.ts';
import { createToolMemory, type ToolAttempt, type ToolMemory } from './tool-memory.ts';
import { failed, refused, type ToolResult, unclear } from './tool-result.ts';

export type { Intentions } from './tool-attempt.ts';

/** The tools of this turn, by the name the model uses. */
export interface Tools {
  find(name: string): Tool | undefined;
}

export const agentTools = ({ tools }: Pick<Agent, 'tools'>): Tools => ({
  find: (name) => (Object.hasOwn(tools, name) ? tools[name] : undefined),
});

/** A call of a tool as the model wrote it. `key` names the wish for good: the same in the same turn of the caller is the same. */
export interface RequestedTool {
  readonly id: string;
  readonly name: string;
  /** JSON text; may be invalid. */
  readonly input: string;
  readonly key: string;
}

/** A tool that was started before a restore and whose result never came. Without `id` the key stands for it. */
export interface ResumedTool {
  readonly key: string;
  readonly name: string;
  readonly effect: ToolEffect;
  readonly id?: string;
  /** Left out: the input of the call in `calls` with the same key. */
  readonly input?: string;
}

export interface ToolsInput {
  readonly calls: readonly RequestedTool[];
  /** Started before a restore: `none` and `idempotent` run again under their key, `once` is `outcome_unknown`. */
  readonly resumed?: readonly ResumedTool[];
  /** Results of this phone call that the process may not remember, since it took the call over: asked again, they are given again. */
  readonly known?: readonly { readonly key: string; readonly ok: boolean; readonly text: string }[];
}

type Fact =
  /** The tool is about to run. Not reported for a call that is refused or answered from memory. */
  | {
      readonly type: 'tool.started';
      readonly id: string;
      readonly key: string;
      readonly name: string;
      readonly effect: ToolEffect;
      /** What the agent may say when it takes long. */
      readonly meanwhile?: string;
    }
  /** Comes once for every call. `text` is for the model, at most 4,000 characters; `cause` for the log, redacted. */
  | {
      readonly type: 'tool.finished';
      readonly id: string;
      readonly key: string;
      readonly name: string;
      readonly ok: boolean;
      readonly text: string;
      readonly cause?: string;
    }
  /** Every call has finished. Last fact. */
  | { readonly type: 'tools.finished' };

export type ToolFact = Stamped<Fact>;

/**
 * Runs the tools of one phone call, a batch at a time, all of a batch at once. Made once per phone call: it remembers what
 * was run, so that no key runs twice. Stopping it aborts what leaves nothing behind or may be repeated; a tool of effect
 * `once` that has begun goes on to its end or its time limit, and whoever asks for its key later gets its result.
 */
export function runTools(tools: Tools, clock: Clock, intentions: Intentions) {
  const memory = createToolMemory();
  return leaf<Fact, { type: 'none' }, ToolsInput>(clock, ({ input, signal, report }) => {
    for (const { key, ok, text } of input.known ?? []) memory.learn(key, { ok, text });
    const run: Run = { tools, clock, intentions, memory, report, stopped: signal };
    const jobs = [
      ...(input.resumed ?? []).filter(({ key }) => !input.calls.some((call) => call.key === key)).map(resumedJob),
      ...input.calls.map((call) => requestedJob(call, input.resumed)),
    ];
    let owed = jobs.length;
    const finish = ({ id, key, name }: Job, result: ToolResult) => {
      report({ type: 'tool.finished', id, key, name, ...result });
      if (--owed === 0) report({ type: 'tools.finished' });
    };
    if (owed === 0) report({ type: 'tools.finished' });
    for (const job of jobs) void answer(run, job).then((result) => finish(job, result));
  });
}

interface Run {
  readonly tools: Tools;
  readonly clock: Clock;
  readonly intentions: Intentions;
  readonly memory: ToolMemory;
  readonly report: (fact: Fact) => void;
  readonly stopped: AbortSignal;
}

interface Job {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  /** `undefined`: lost. */
  readonly input: string | undefined;
  /** Its effect as it was when it was started before a restore. */
  readonly before: ToolEffect | undefined;
  /** Asked for by the model now, and not only left over. */
  readonly asked: boolean;
}

const resumedJob = ({ id, key, name, input, effect }: ResumedTool): Job => ({
  id: id ?? key,
  key,
  name,
  input,
  before: effect,
  asked: false,
});

const requestedJob = (call: RequestedTool, resumed: ToolsInput['resumed']): Job => ({
  ...call,
  before: resumed?.find(({ key }) => key === call.key)?.effect,
  asked: true,
});

/** Never rejects. */
async function answer(run: Run, job: Job): Promise<ToolResult> {
  try {
    return await (leftOver(run, job) ?? fresh(run, job));
  } catch (error) {
    return failed(job.name, error);
  }
}

/** The result of a tool that was started before and must not be started again, as far as anybody knows it. */
function leftOver({ memory, tools }: Run, { key, name, before, asked }: Job): Promise<ToolResult> | undefined {
  if (before === undefined) return undefined;
  const known = memory.recall(key);
  if (known) return asked ? undefined : known.then(({ result }) => result);
  if (before !== 'once' && tools.find(name)?.effect !== 'once') return undefined;
  const result = refused('outcome_unknown', `${name} was begun and then cut off. ${unclear}`);
  memory.learn(key, result);
  return Promise.resolve(result);
}

async function fresh(run: Run, job: Job): Promise<ToolResult> {
  const { key, name, input } = job;
  const tool = run.tools.find(name);
  if (!tool) return refused('unknown_tool', `there is no tool ${name}`);
  if (input === undefined) return refused('failed', `${name} was cut off`);
  const read = await readInput(tool.input, input);
  if (!read.ok) return refused('invalid_input', read.problem);
  const attempt = await run.memory.once(key, () => begin(run, tool, job, read.value));
  return attempt?.result ?? refused('failed', 'too many tools in one phone call');
}

function begin(run: Run, tool: Tool, { id, key, name }: Job, input: Record<string, unknown>): Promise<ToolAttempt> {
  const { clock, intentions, memory, report, stopped } = run;
  const { effect, meanwhile } = tool;
  report({ type: 'tool.started', id, key, name, effect, ...(meanwhile === undefined ? {} : { meanwhile }) });
  const brokenOff = () => memory.forget(key);
  return attemptTool(tool, { clock, intentions, name, key, input, stopped, brokenOff });
}
