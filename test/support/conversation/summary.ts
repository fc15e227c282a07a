import type { ConversationScore, SideSoundScore } from './score.ts';

/** A share of cases that went well, with the number of cases it stands on. */
export interface Rate {
  readonly good: number;
  readonly of: number;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

/** What the table of the conversation suite shows. Spreads are ms after the caller's onset, absent without cases. */
export interface ConversationSummary {
  readonly yielded: Rate;
  readonly yieldMs?: Spread;
  readonly duckMs?: Spread;
  readonly backchannelsIgnored: Rate;
  readonly noisesIgnored: Rate;
  /** Turns in which the agent did not begin to speak before the caller had finished. */
  readonly turnsLeftAlone: Rate;
}

export function summarize(scores: readonly ConversationScore[]): ConversationSummary {
  const taken = scores.flatMap(({ interruptions }) => interruptions).filter(({ agentSpoke }) => agentSpoke);
  const turns = scores.flatMap(({ turns }) => turns);
  return {
    yielded: rate(taken, ({ yieldedMs }) => yieldedMs !== undefined),
    ...named(
      'yieldMs',
      taken.map(({ yieldedMs }) => yieldedMs),
    ),
    ...named(
      'duckMs',
      taken.map(({ duckedMs }) => duckedMs),
    ),
    backchannelsIgnored: ignored(scores.flatMap(({ backchannels }) => backchannels)),
    noisesIgnored: ignored(scores.flatMap(({ noises }) => noises)),
    turnsLeftAlone: rate(turns, ({ interruptedAtMs }) => interruptedAtMs.length === 0),
  };
}

const ignored = (sounds: readonly SideSoundScore[]): Rate =>
  rate(
    sounds.filter(({ agentSpoke }) => agentSpoke),
    ({ silentTickMs }) => silentTickMs === undefined,
  );

const rate = <Case>(cases: readonly Case[], good: (each: Case) => boolean): Rate => ({
  good: cases.filter(good).length,
  of: cases.length,
});

/** Nearest-rank percentiles of those that are there. */
function named<Name extends string>(name: Name, values: readonly (number | undefined)[]): { [key in Name]?: Spread } {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return {};
  const at = (share: number) => known[Math.max(0, Math.ceil(share * known.length) - 1)]!;
  return { [name]: { p50: at(0.5), p95: at(0.95) } } as { [key in Name]?: Spread };
}
