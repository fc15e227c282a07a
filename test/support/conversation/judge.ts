import { frameMs, frameSamples } from '../../../src/audio/pcm.ts';
import type { LogEntry } from '../../../src/runtime/call-log.ts';
import type { Recording as PhoneRecording } from '../../../emulators/phone/types.ts';
import { agentSound, type Recording, type Span } from './agent-sound.ts';
import type { CaseKind } from './cases.ts';
import { type EdgeTimes, type LogTrace, traceOf } from './log-trace.ts';
import type { PlayedCall, PlayedCase } from './play-call.ts';
import { type ConversationScore, type Played, scoreConversation } from './score.ts';

/** What became of one case: by sound at the phone's ear, by the log, and whether that is what is asked for. */
export interface CaseResult {
  readonly id: string;
  readonly kind: CaseKind;
  readonly pass: boolean;
  /** The log alone agrees, whenever the sound came through. */
  readonly passByLog: boolean;
  /** False: the agent did not speak when it should have been disturbed, or one's sound had holes; nothing can be said. */
  readonly valid: boolean;
  /** At the ear, ms after the caller's onset. */
  readonly duckedMs?: number;
  readonly yieldedMs?: number;
  readonly silentTickMs?: number;
  readonly edge: EdgeTimes;
  /** Turns of the caller that the history has for it. */
  readonly turns: readonly string[];
  /** When the agent began to speak within the caller's turn, ms after its onset. */
  readonly interruptedAtMs: readonly number[];
  /** What happened instead, for a reader. */
  readonly miss?: string;
}

const beforeMs = 1500;
const afterMs = 2600;
/** After a side sound the agent is heard here, ms after its onset. */
const goesOnFromMs = 1000;
const goesOnUntilMs = 2000;

/** Judges each case by the recording and the log of its call. */
export function judgeCall({ played, recording }: PlayedCall, entries: readonly LogEntry[]): CaseResult[] {
  return played.map((each) => judgeCase(each, recording, entries));
}

const wholeWithinMs = 150;
/** What the recording's clock may be wrong by. */
const clockMs = 100;

function judgeCase(each: PlayedCase, whole: PhoneRecording, entries: readonly LogEntry[]): CaseResult {
  const startMs = each.parts[0]!.startMs;
  const endMs = each.parts.at(-1)!.endMs;
  const recording = cut(whole, { startMs: startMs - beforeMs, endMs: Math.max(endMs, startMs) + afterMs });
  const score = scoreConversation(recording, soundsOf(each));
  const trace = traceOf(entries, { startMs, endMs: each.untilMs });
  const { id, kind } = each.case;
  const base = { id, kind, turns: trace.turns, edge: trace.edge };
  if (kind === 'interruption') return { ...base, ...judgeInterruption(score, trace) };
  if (kind === 'pause' || kind === 'spelled') return { ...base, ...judgeTurn(each, score, trace) };
  const goesOn = { startMs: startMs + goesOnFromMs, endMs: startMs + goesOnUntilMs };
  return { ...base, ...judgeSideSound(score, trace, agentSound(recording, -48).soundsIn(goesOn)) };
}

type Verdict = Omit<CaseResult, 'id' | 'kind' | 'turns' | 'edge'>;

function judgeInterruption({ interruptions: [score] }: ConversationScore, trace: LogTrace): Verdict {
  const { agentSpoke, duckedMs, yieldedMs } = score!;
  const { arrivesMs = 0, yieldMs = 0 } = trace.edge;
  // A silence from before the decision is none of ours: the agent's sound has a hole.
  const valid = agentSpoke && (yieldedMs === undefined || yieldedMs > arrivesMs + yieldMs - clockMs);
  const heard = trace.turns.length === 1;
  const pass = valid && yieldedMs !== undefined && heard;
  const passByLog = heard && trace.yielded;
  const why = yieldedMs === undefined ? 'the agent went on' : `history: ${trace.turns.join(' | ') || 'no turn'}`;
  return { valid, pass, passByLog, duckedMs, yieldedMs, interruptedAtMs: [], ...missed(pass, `${why}; ${trace.path}`) };
}

function judgeSideSound({ backchannels, noises }: ConversationScore, trace: LogTrace, goesOn: boolean): Verdict {
  const { agentSpoke, silentTickMs } = [...backchannels, ...noises][0]!;
  const { arrivesMs = 0 } = trace.edge;
  // Nor is a silence from before the caller's sound has even come.
  const valid = agentSpoke && (silentTickMs === undefined || trace.yielded || silentTickMs + 200 > arrivesMs);
  const pass = valid && silentTickMs === undefined && goesOn && !trace.yielded;
  const why = silentTickMs === undefined ? 'the agent did not go on' : `silent from ${Math.round(silentTickMs)} ms`;
  return {
    valid,
    pass,
    passByLog: !trace.yielded,
    silentTickMs,
    interruptedAtMs: [],
    ...missed(pass, `${why}; ${trace.path}`),
  };
}

function judgeTurn(each: PlayedCase, { turns: [turn] }: ConversationScore, trace: LogTrace): Verdict {
  const interruptedAtMs = turn!.interruptedAtMs.map((ms) => Math.round(ms - turn!.startMs));
  const wanted = each.case.parts.map(({ text }) => plain(text)).join(' ');
  const whole = trace.turns.length === 1 && plain(trace.turns[0]!) === wanted;
  const pass = whole && interruptedAtMs.length === 0;
  const spoke = interruptedAtMs.length > 0 ? `the agent spoke at ${interruptedAtMs.join(', ')} ms; ` : '';
  return {
    valid: each.holesMs <= wholeWithinMs,
    pass,
    passByLog: whole,
    interruptedAtMs,
    ...missed(pass, `${spoke}history: ${trace.turns.join(' | ')}`),
  };
}

const missed = (pass: boolean, miss: string) => (pass ? {} : { miss });

const plain = (text: string): string =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}'-]+/u)
    .filter(Boolean)
    .join(' ');

const soundsOf = (each: PlayedCase): Played[] =>
  each.parts.map((part, i) => ({
    ...part,
    kind: each.case.kind,
    text: each.case.parts[i]!.text,
    ...(each.case.parts.length > 1 && { turn: each.case.id }),
  }));

/** A piece of the recording, on the clock of the frames' arrival: their median says when it began. */
function cut({ pcm, frameMs: arrivals }: PhoneRecording, { startMs, endMs }: Span): Recording {
  const first = firstAfter(arrivals, startMs);
  const last = firstAfter(arrivals, endMs);
  const begins = Array.from(arrivals.subarray(first, last), (ms, i) => ms - i * frameMs).sort((a, b) => a - b);
  return {
    pcm: pcm.subarray(first * frameSamples, last * frameSamples),
    startMs: begins[Math.floor(begins.length / 2)] ?? startMs,
  };
}

function firstAfter(arrivals: Float64Array, ms: number): number {
  const found = arrivals.findIndex((at) => at >= ms);
  return found < 0 ? arrivals.length : found;
}
