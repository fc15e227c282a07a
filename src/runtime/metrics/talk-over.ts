interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long somebody spoke, and how much of it while the other side did. */
export interface Spoke {
  readonly spokeMs: number;
  readonly bothMs: number;
}

const nothing: Spoke = { spokeMs: 0, bothMs: 0 };
/** Turns of the agent that one breath of a caller may reach into. */
const mostSpans = 50;

/**
 * Adds up when the two sides of a call spoke at once. What a caller says is known when it is over (and that it was no echo),
 * so the time of both is told then.
 */
export function createTalkOver() {
  let agentSince: number | undefined;
  let callerSince: number | undefined;
  let spans: Span[] = [];
  return {
    agent(speaks: boolean, at: number): Spoke {
      if (speaks) agentSince ??= at;
      if (speaks || agentSince === undefined) return nothing;
      const span = { from: agentSince, to: at };
      agentSince = undefined;
      spans = [...spans, span].slice(-mostSpans);
      return { spokeMs: lengthOf(span), bothMs: 0 };
    },
    callerBegan: (at: number) => void (callerSince ??= at),
    callerEnded(at: number, wasEcho: boolean): Spoke {
      const span = { from: callerSince ?? at, to: at };
      const both = agentSince === undefined ? spans : [...spans, { from: agentSince, to: at }];
      callerSince = undefined;
      spans = [];
      if (wasEcho) return nothing;
      return { spokeMs: lengthOf(span), bothMs: both.reduce((sum, each) => sum + overlap(span, each), 0) };
    },
  };
}

const lengthOf = ({ from, to }: Span): number => Math.max(0, to - from);
const overlap = (a: Span, b: Span): number => lengthOf({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });
