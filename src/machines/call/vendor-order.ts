import type { CallContext } from './context.ts';
import { agentLine } from './said.ts';

/** What the agent's file lists in order of failover. */
export type Part = 'model' | 'voice';

/** One of a list that failed in this call and has not worked since. It is asked last until `until`, and then in its place again. */
export interface Ailing {
  readonly part: Part;
  readonly name: string;
  /** ms of the instance's clock. */
  readonly until: number;
  /** How long it is spared; doubled when it fails again. */
  readonly sparedMs: number;
}

interface Failed {
  readonly turn: number;
  readonly part: Part;
  readonly name: string;
  readonly retryAfterMs?: number | undefined;
}

const firstSparedMs = 30_000;
const longestSparedMs = 300_000;

/** The agent's list as it is asked in the present turn: what the instance avoids comes later, and what failed lately last. */
export function orderOf(part: Part, context: CallContext): readonly string[] {
  const now = agentLine(context)?.at ?? 0;
  const rank = (name: string) => {
    const ailing = context.ailing.find((each) => each.part === part && each.name === name);
    if (ailing && ailing.until > now) return ailing.until;
    return context.avoided.includes(vendorOf(name)) ? 1 : 0;
  };
  return listOf(part, context).toSorted((a, b) => rank(a) - rank(b));
}

const listOf = (part: Part, { agent }: CallContext) => (part === 'model' ? agent.models : agent.voices);

/** `openai/gpt-5.4-mini` is of `openai`. */
const vendorOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

/** Spared for 30 s, for twice as long each time it fails again, for 5 minutes at most; longer where the vendor asks for it. */
export function failed(context: CallContext, { turn, part, name, retryAfterMs = 0 }: Failed): Partial<CallContext> {
  const isIt = (each: Ailing) => each.part === part && each.name === name;
  const before = context.ailing.find(isIt);
  const sparedMs = before ? Math.min(longestSparedMs, 2 * before.sparedMs) : firstSparedMs;
  const until = failedAt(context, turn) + Math.min(longestSparedMs, Math.max(sparedMs, retryAfterMs));
  return { ailing: [...context.ailing.filter((each) => !isIt(each)), { part, name, until, sparedMs }] };
}

/** As far as the call knows: timers bear no time. */
const failedAt = (context: CallContext, turn: number): number =>
  Math.max(agentLine(context, turn)?.at ?? 0, context.heardAt);

export const worked = ({ ailing }: CallContext, fact: { part: Part; name: string }): Partial<CallContext> => ({
  ailing: ailing.filter(({ part, name }) => part !== fact.part || name !== fact.name),
});
