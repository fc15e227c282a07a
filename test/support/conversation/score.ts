import type { VoiceFixture } from '../../../emulators/voices/index.ts';
import { agentSound, type AgentSound, type Recording, type Span } from './agent-sound.ts';

/** What the caller played, on the clock of the recording. Items of one `turn` (parts with pauses between) are one turn. */
export interface Played extends Span {
  readonly kind: VoiceFixture['kind'];
  readonly text: string;
  readonly turn?: string;
}

export interface ScoreOptions {
  /** Above this the agent is heard, dBFS; a ducked voice is. Default -48. */
  readonly soundDb?: number;
  /** Silence that means that the agent has yielded, not taken breath, ms. Default 400. */
  readonly yieldSilenceMs?: number;
  /** Where a yield is looked for after the caller's onset, ms. Default 2,000. */
  readonly yieldWithinMs?: number;
}

/** 200 ms of the conversation, as tau-voice counts it. */
export interface Tick {
  readonly startMs: number;
  readonly agent: boolean;
  readonly caller: boolean;
}

/** The caller took the floor. Times are ms after the caller's onset; absent when it did not happen. */
export interface InterruptionScore {
  readonly played: Played;
  /** False: the agent was not speaking, so there was nothing to take; leave it out of the rates. */
  readonly agentSpoke: boolean;
  readonly duckedMs?: number;
  readonly yieldedMs?: number;
}

/** The caller made a sound that asks for nothing: a backchannel, a cough. */
export interface SideSoundScore {
  readonly played: Played;
  readonly agentSpoke: boolean;
  /** Onset of the first silent tick within 1 s of the caller's onset, ms after it. */
  readonly silentTickMs?: number;
}

/** One turn of the caller, pauses included. */
export interface TurnScore extends Span {
  readonly turn: string;
  readonly kind: Played['kind'];
  /** When the agent began to speak before the caller had finished, ms on the recording's clock. */
  readonly interruptedAtMs: readonly number[];
}

export interface ConversationScore {
  readonly ticks: readonly Tick[];
  readonly interruptions: readonly InterruptionScore[];
  readonly backchannels: readonly SideSoundScore[];
  readonly noises: readonly SideSoundScore[];
  readonly turns: readonly TurnScore[];
}

const tickMs = 200;
const sideSoundMs = 1000;
/** The agent spoke at an onset when it was heard this long before it: words have gaps. */
const justBeforeMs = 300;
const duckedDb = 6;
const duckedForMs = 60;

/** Judges a conversation by sound alone: the recording at the phone's ear and what the caller played. */
export function scoreConversation(
  recording: Recording,
  played: readonly Played[],
  options: ScoreOptions = {},
): ConversationScore {
  const agent = agentSound(recording, options.soundDb ?? -48);
  const ticks = ticksOf(agent, played);
  const of = (kind: Played['kind']) => played.filter((item) => item.kind === kind);
  return {
    ticks,
    interruptions: of('interruption').map((item) => scoreInterruption(agent, item, options)),
    backchannels: of('backchannel').map((item) => scoreSideSound(agent, ticks, item)),
    noises: of('noise').map((item) => scoreSideSound(agent, ticks, item)),
    turns: turnsOf(played).map((turn) => ({ ...turn, interruptedAtMs: onsetsIn(agent, turn) })),
  };
}

function ticksOf(agent: AgentSound, played: readonly Played[]): Tick[] {
  const count = Math.floor((agent.endMs - agent.startMs) / tickMs);
  return Array.from({ length: count }, (_, i) => {
    const startMs = agent.startMs + i * tickMs;
    const tick = { startMs, endMs: startMs + tickMs };
    return { startMs, agent: agent.soundsIn(tick), caller: played.some((item) => overlap(item, tick)) };
  });
}

function scoreInterruption(agent: AgentSound, played: Played, options: ScoreOptions): InterruptionScore {
  const { yieldSilenceMs = 400, yieldWithinMs = 2000 } = options;
  const lastMs = played.startMs + yieldWithinMs;
  const silence = agent
    .silences(yieldSilenceMs)
    .find(({ startMs, endMs }) => endMs > played.startMs && startMs <= lastMs);
  const endedBefore = silence !== undefined && silence.startMs < played.startMs;
  if (endedBefore || !spokeBefore(agent, played.startMs)) return { played, agentSpoke: false };
  const duckedAtMs = duckAfter(agent, played.startMs, lastMs);
  return {
    played,
    agentSpoke: true,
    ...(duckedAtMs !== undefined && { duckedMs: duckedAtMs - played.startMs }),
    ...(silence && { yieldedMs: silence.startMs - played.startMs }),
  };
}

/** First moment from which the agent stays `duckedDb` below its level before the onset, silence included. */
function duckAfter(agent: AgentSound, onsetMs: number, lastMs: number): number | undefined {
  const before = framesIn({ startMs: onsetMs - 600, endMs: onsetMs }).map((ms) => agent.levelDb(ms));
  const usual = before.sort((a, b) => b - a)[Math.floor(before.length / 4)]!;
  return framesIn({ startMs: onsetMs, endMs: lastMs }).find((ms) =>
    framesIn({ startMs: ms, endMs: ms + duckedForMs }).every((at) => agent.levelDb(at) < usual - duckedDb),
  );
}

function scoreSideSound(agent: AgentSound, ticks: readonly Tick[], played: Played): SideSoundScore {
  const agentSpoke = spokeBefore(agent, played.startMs);
  const lastMs = played.startMs + sideSoundMs - tickMs;
  const silent = ticks.find((tick) => tick.startMs >= played.startMs && tick.startMs <= lastMs && !tick.agent);
  return { played, agentSpoke, ...(agentSpoke && silent && { silentTickMs: silent.startMs - played.startMs }) };
}

function turnsOf(played: readonly Played[]): Omit<TurnScore, 'interruptedAtMs'>[] {
  const turns = new Map<string, Omit<TurnScore, 'interruptedAtMs'>>();
  for (const [i, item] of played.entries()) {
    if (item.kind === 'backchannel' || item.kind === 'noise') continue;
    const turn = item.turn ?? `#${i}`;
    const known = turns.get(turn) ?? { turn, kind: item.kind, startMs: item.startMs, endMs: item.endMs };
    turns.set(turn, { ...known, endMs: Math.max(known.endMs, item.endMs) });
  }
  return [...turns.values()];
}

/** Where the agent begins to be heard, after a tick's length of silence, inside the span. */
const onsetsIn = (agent: AgentSound, span: Span): number[] =>
  agent
    .silences(tickMs)
    .map(({ endMs }) => endMs)
    .filter((ms) => ms > span.startMs && ms < span.endMs && ms < agent.endMs);

const spokeBefore = (agent: AgentSound, onsetMs: number): boolean =>
  agent.soundsIn({ startMs: onsetMs - justBeforeMs, endMs: onsetMs });

const overlap = (a: Span, b: Span): boolean => a.startMs < b.endMs && b.startMs < a.endMs;

const framesIn = ({ startMs, endMs }: Span): number[] =>
  Array.from({ length: Math.max(0, Math.round((endMs - startMs) / 20)) }, (_, i) => startMs + i * 20);
