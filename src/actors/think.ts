import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { createClauses } from './clauses.ts';
import { createContinuation } from './continuation.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { ModelMessage, ReplyModel, ToolCall, ToolSpec } from './reply-model.ts';

type Fact =
  | { readonly type: 'model.requested'; readonly vendor: string }
  /** The first piece of an answer came: text or a tool call. */
  | { readonly type: 'model.first_token' }
  /** More of it came, be it text or a tool call; told every 500 ms at most. */
  | { readonly type: 'model.progressed' }
  /** A clause that can be spoken on its own. */
  | { readonly type: 'model.clause'; readonly text: string }
  | { readonly type: 'model.tools'; readonly calls: readonly ToolCall[] }
  | { readonly type: 'model.finished'; readonly reason: 'stop' | 'tools' | 'length' }
  | { readonly type: 'model.failed'; readonly failure: Failure };

export type ThinkFact = Stamped<Fact>;

export interface ThinkInput {
  /** Which of the agent's models. */
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  /** The beginning of this answer, which another model wrote and the caller hears: it is gone on with. Empty: there is none. */
  readonly said: string;
}

/** The agent's models by name. */
export interface Models {
  find(name: string): ReplyModel;
}

/** What the model is told besides the conversation. Asked once a turn, so that a flow may change it. */
export interface Brief {
  readonly instructions: string;
  readonly tools: readonly ToolSpec[];
}

const goOn =
  'Your last message was cut off there. Go on at that very word: say only what is still missing, and repeat nothing.';

/** Streams one answer of a model, cut into clauses that a voice can begin with at once. */
export const think = (models: Models, brief: () => Brief, clock: Clock) =>
  leaf<Fact, { type: 'none' }, ThinkInput>(clock, ({ input, signal, report }) => {
    const { instructions, tools } = brief();
    const messages: ModelMessage[] = [{ role: 'system', text: instructions }, ...input.messages, ...begun(input.said)];
    const continuation = createContinuation(input.said);
    const clauses = createClauses((text) => report({ type: 'model.clause', text }));
    const pieceCame = createPulse(clock, report);
    const model = models.find(input.model);
    report({ type: 'model.requested', vendor: model.name });
    model.stream({ messages, tools }, { signal }, (fact) => {
      if (fact.type === 'model.failed') return report(fact);
      pieceCame();
      if (fact.type === 'model.progressed') return;
      if (fact.type === 'model.text') return clauses.add(continuation.add(fact.text));
      clauses.add(continuation.end());
      clauses.flush();
      if (fact.type === 'model.tools') return report(fact);
      report({ type: 'model.finished', reason: fact.reason });
    });
  });

const begun = (said: string): ModelMessage[] =>
  said.trim() === ''
    ? []
    : [
        { role: 'assistant', text: said },
        { role: 'system', text: goOn },
      ];

const progressEveryMs = 500;

/** Tells that pieces of an answer come, seldom enough for a log. */
function createPulse(clock: Clock, report: (fact: Fact) => void): () => void {
  let toldAt: number | undefined;
  return () => {
    const now = clock.now();
    if (toldAt !== undefined && now - toldAt < progressEveryMs) return;
    report({ type: toldAt === undefined ? 'model.first_token' : 'model.progressed' });
    toldAt = now;
  };
}
