import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { createClauses } from './clauses.ts';
import { leaf, type Stamped } from './leaf.ts';
import type { ModelMessage, ReplyModel, ToolCall, ToolSpec } from './reply-model.ts';

type Fact =
  | { readonly type: 'model.requested' }
  /** The first piece of an answer came: text or a tool call. */
  | { readonly type: 'model.first_token' }
  /** A clause that can be spoken on its own. */
  | { readonly type: 'model.clause'; readonly text: string }
  | { readonly type: 'model.tools'; readonly calls: readonly ToolCall[] }
  | { readonly type: 'model.finished'; readonly reason: 'stop' | 'tools' | 'length' }
  | { readonly type: 'model.failed'; readonly failure: Failure };

export type ThinkFact = Stamped<Fact>;

export interface ThinkInput {
  readonly messages: readonly ModelMessage[];
}

/** What the model is told besides the conversation. Asked once a turn, so that a flow may change it. */
export interface Brief {
  readonly instructions: string;
  readonly tools: readonly ToolSpec[];
}

/** Streams one answer of the model, cut into clauses that a voice can begin with at once. */
export const think = (model: ReplyModel, brief: () => Brief, clock: Clock) =>
  leaf<Fact, { type: 'none' }, ThinkInput>(clock, ({ input, signal, report }) => {
    const { instructions, tools } = brief();
    const messages: ModelMessage[] = [{ role: 'system', text: instructions }, ...input.messages];
    const clauses = createClauses((text) => report({ type: 'model.clause', text }));
    const first = once(() => report({ type: 'model.first_token' }));
    report({ type: 'model.requested' });
    model.stream({ messages, tools }, { signal }, (fact) => {
      if (fact.type === 'model.failed') return report(fact);
      first();
      if (fact.type === 'model.text') return clauses.add(fact.text);
      clauses.flush();
      if (fact.type === 'model.tools') return report(fact);
      report({ type: 'model.finished', reason: fact.reason });
    });
  });

function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
