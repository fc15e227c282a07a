import type { ModelFact, ModelRequest, ReplyModel, ToolCall } from '../../../src/actors/reply-model.ts';
import { shielded, type Threw } from '../../../src/adapters/shielded.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Failure } from '../../../src/failure.ts';

/** What a fake model says, and how it goes wrong. A step is one word, or all tool calls together. */
export interface FakeAnswer {
  readonly text?: string;
  readonly tools?: readonly { readonly name: string; readonly input: unknown }[];
  readonly finish?: 'stop' | 'length';
  /** Reported after `failAfter` steps (default 0). */
  readonly failure?: Failure;
  readonly failAfter?: number;
  /** Nothing comes after this many steps. */
  readonly stallAfter?: number;
}

export interface FakeModelOptions {
  readonly clock: Clock;
  readonly name?: string;
  readonly answer: (request: ModelRequest) => FakeAnswer;
  /** Until the first word. Default 250. */
  readonly firstTokenMs?: number;
  /** From word to word. Default 20. */
  readonly tokenMs?: number;
  /** As with the adapters; without it a throw comes out of the clock, for the test to see. */
  readonly threw?: Threw;
}

export interface FakeModel extends ReplyModel {
  readonly requests: readonly ModelRequest[];
  /** Streams that were neither finished, failed nor aborted. */
  open(): number;
}

/** A model on the given clock. Passes the contract of `ReplyModel`. */
export function createFakeModel(options: FakeModelOptions): FakeModel {
  const { clock, name = 'fake', firstTokenMs = 250, tokenMs = 20 } = options;
  const requests: ModelRequest[] = [];
  let open = 0;
  let calls = 0;

  const stream: FakeModel['stream'] = (request, { signal }, receiver) => {
    if (signal.aborted) return;
    const report = options.threw ? shielded<ModelFact>(receiver, options.threw) : receiver;
    requests.push(request);
    open += 1;
    const answer = options.answer(request);
    const steps = stepsOf(answer, () => `call_${++calls}`);
    let index = 0;
    const end = () => {
      open -= 1;
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
    };
    const next = () => {
      if (index === answer.stallAfter) return;
      const facts = steps[index] ?? [];
      index += 1;
      const last = index >= steps.length;
      if (last) end();
      else timer = clock.setTimeout(next, tokenMs);
      for (const fact of facts) if (!signal.aborted) report(fact);
    };
    let timer = clock.setTimeout(next, firstTokenMs);
    signal.addEventListener('abort', end, { once: true });
  };

  return { name, requests, stream, open: () => open };
}

function stepsOf(answer: FakeAnswer, nextId: () => string): ModelFact[][] {
  const words = (answer.text ?? '').match(/\s*\S+\s*$|\s*\S+/g) ?? [];
  const calls = (answer.tools ?? []).map(({ name, input }): ToolCall => ({ id: nextId(), name, input: json(input) }));
  const reason = answer.finish ?? (calls.length > 0 ? 'tools' : 'stop');
  const texts = words.map((text): ModelFact[] => [{ type: 'model.text', text }]);
  const tools: ModelFact[] = reason === 'tools' ? [{ type: 'model.tools', calls }] : [];
  const { failure, failAfter = 0 } = answer;
  if (failure) return [...texts.slice(0, failAfter), [{ type: 'model.failed', failure }]];
  const end: ModelFact[] = [...tools, { type: 'model.finished', reason, tokens: words.length }];
  // The end comes along with the last word.
  return texts.length > 0 ? [...texts.slice(0, -1), [texts.at(-1)!, ...end].flat()] : [end];
}

const json = (input: unknown): string => (typeof input === 'string' ? input : JSON.stringify(input));
