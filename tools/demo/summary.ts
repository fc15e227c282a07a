import { z } from 'zod';
import type { ScriptedCall } from './scripted-call.ts';

const count = z.int().min(0);
const ms = z.number().min(0);

/** What `--json` prints: the run of one scripted call. */
export const demoResult = z.strictObject({
  room: z.enum(['livekit-server', 'in-process']),
  turns: count,
  bargeIns: count,
  backchannels: count,
  tools: count,
  digits: z.string(),
  heardEqualsHistory: z.boolean(),
  lostInTransit: count,
  states: z.array(z.string()).min(1),
  /** The caller joins → first agent sound at the ear. Nothing heard: −1, as below. */
  answerMs: ms,
  /** At the ear. */
  replyMs: z.strictObject({ p50: ms, p95: ms }),
  ended: z.string(),
  /** With `--crash`: what the caller heard when the process of the call was killed in mid-sentence. */
  takeover: z.strictObject({ silenceMs: ms, wordsRepeated: count, wordsLost: count }).optional(),
});
export type DemoResult = Readonly<z.output<typeof demoResult>>;

const nothingHeard = -1;
/** A run in which more than this share of the words was damaged on its way says nothing. */
const mostLost = 0.05;

const isVoid = ({ verdict }: Pick<ScriptedCall, 'verdict'>): boolean =>
  verdict.lostInTransit > mostLost * verdict.words;

/** Plays the call, and once more when the machine was too busy for the first one to say anything. */
export async function playValidCall(
  play: () => Promise<ScriptedCall>,
  tell: (line: string) => void,
): Promise<ScriptedCall> {
  const first = await play();
  if (!isVoid(first)) return first;
  tell(`\n${lossOf(first)}: this machine is too busy, once more`);
  return play();
}

const lossOf = ({ verdict: { lostInTransit, words } }: ScriptedCall): string =>
  `${lostInTransit} of ${words} words were damaged on the way`;

export function resultOf(
  room: DemoResult['room'],
  { story, verdict, answerMs, replyMs, takeover }: ScriptedCall,
): DemoResult {
  const lines = [...story.lines.values()];
  const callers = lines.filter(({ who, backchannel }) => who === 'caller' && !backchannel);
  return {
    room,
    turns: callers.length,
    bargeIns: story.bargeIns,
    backchannels: lines.filter(({ backchannel }) => backchannel).length,
    tools: lines.filter(({ who }) => who === 'tool').length,
    digits: callers.flatMap(({ text }) => /^\[keys: (.*)\]$/.exec(text)?.[1] ?? []).join(''),
    heardEqualsHistory: verdict.heardEqualsHistory,
    lostInTransit: verdict.lostInTransit,
    states: [...story.states],
    answerMs: answerMs ?? nothingHeard,
    replyMs: { p50: percentile(replyMs, 0.5), p95: percentile(replyMs, 0.95) },
    ended: story.ended,
    ...(takeover && { takeover }),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? nothingHeard;
}

/** What is wrong with a run, one line each; empty when the call showed all it should. */
export function faultsOf(result: DemoResult, call: ScriptedCall): string[] {
  const wrongTurns = call.verdict.turns.filter(({ agrees }) => !agrees);
  return [
    ...(isVoid(call) ? [`${lossOf(call)}: the run is void`] : []),
    ...(call.trouble ? [`the caller could not go on: ${call.trouble}`] : []),
    ...(call.verdict.heardEqualsHistory || wrongTurns.length > 0 ? [] : ['words were heard, and the history has none']),
    ...wrongTurns.map(
      ({ turn, heard, inHistory }) => `turn ${turn}: ${heard} words heard, ${inHistory} in the history`,
    ),
    ...(demoResult.safeParse(result).success ? [] : ['nothing was heard of the agent, or of its replies']),
    ...(result.turns < 6 ? [`only ${result.turns} turns`] : []),
    ...(result.tools < 1 ? ['no tool was called'] : []),
    ...(result.bargeIns < 1 ? ['no barge-in took the floor'] : []),
    ...(result.backchannels < 1 ? ['no backchannel was noticed'] : []),
    ...takeoverFaults(result),
    ...(result.digits === '' ? ['no keys arrived'] : []),
    ...(result.ended === 'agent said goodbye' ? [] : [`the call ended otherwise: ${result.ended}`]),
  ];
}

const mostRepeated = 2;

const takeoverFaults = ({ takeover }: DemoResult): string[] => [
  ...((takeover?.wordsRepeated ?? 0) > mostRepeated ? [`${takeover?.wordsRepeated} words were said again`] : []),
  ...((takeover?.wordsLost ?? 0) > 0 ? [`${takeover?.wordsLost} word(s) were lost with the process`] : []),
];

export function summaryLines(result: DemoResult, faults: readonly string[]): string[] {
  const { replyMs } = result;
  return [
    '',
    `${result.turns} turns, ${result.tools} tool call(s), ${result.bargeIns} barge-in(s), ${result.backchannels} backchannel(s), keys ${result.digits || 'none'}`,
    result.answerMs === nothingHeard
      ? 'nothing was heard of the agent'
      : `answered and heard after ${result.answerMs} ms; replies at the ear p50 ${replyMs.p50} ms, p95 ${replyMs.p95} ms`,
    ...(result.takeover ? [takeoverLine(result.takeover)] : []),
    result.heardEqualsHistory
      ? `what the caller heard is what the history says (${result.lostInTransit} word(s) damaged on the way)`
      : 'what the caller heard is NOT what the history says',
    ...faults.map((fault) => `✗ ${fault}`),
  ];
}

const takeoverLine = ({ silenceMs, wordsRepeated, wordsLost }: NonNullable<DemoResult['takeover']>): string =>
  `its process was killed in mid-sentence: ${silenceMs} ms of silence, ${wordsRepeated} word(s) said again, ${wordsLost} lost`;
