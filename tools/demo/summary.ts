import type { ScriptedCall } from './scripted-call.ts';

/** The last line of `--json`. */
export interface DemoResult {
  readonly room: 'livekit-server' | 'in-process';
  readonly turns: number;
  readonly bargeIns: number;
  readonly backchannels: number;
  readonly tools: number;
  readonly digits: string;
  readonly heardEqualsHistory: boolean;
  readonly lostInTransit: number;
  readonly states: readonly string[];
  readonly answerMs: number;
  readonly replyMs: { readonly p50: number; readonly p95: number };
  readonly ended: string;
}

export function resultOf(room: DemoResult['room'], { story, verdict, answerMs, replyMs }: ScriptedCall): DemoResult {
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
    states: story.states,
    answerMs,
    replyMs: { p50: percentile(replyMs, 0.5), p95: percentile(replyMs, 0.95) },
    ended: story.ended,
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** What is wrong with a run, one line each; empty when the call showed all it should. */
export function faultsOf(result: DemoResult, call: ScriptedCall): string[] {
  const wrongTurns = call.verdict.turns.filter(({ agrees }) => !agrees);
  return [
    ...(call.trouble ? [`the caller could not go on: ${call.trouble}`] : []),
    ...wrongTurns.map(
      ({ turn, heard, inHistory }) => `turn ${turn}: ${heard} words heard, ${inHistory} in the history`,
    ),
    ...(result.turns < 6 ? [`only ${result.turns} turns`] : []),
    ...(result.tools < 1 ? ['no tool was called'] : []),
    ...(result.bargeIns < 1 ? ['no barge-in took the floor'] : []),
    ...(result.backchannels < 1 ? ['no backchannel was noticed'] : []),
    ...(result.digits === '' ? ['no keys arrived'] : []),
    ...(result.ended === 'agent said goodbye' ? [] : [`the call ended otherwise: ${result.ended}`]),
  ];
}

export function summaryLines(result: DemoResult, faults: readonly string[]): string[] {
  const { replyMs } = result;
  return [
    '',
    `${result.turns} turns, ${result.tools} tool call(s), ${result.bargeIns} barge-in(s), ${result.backchannels} backchannel(s), keys ${result.digits || 'none'}`,
    `answered and heard after ${result.answerMs} ms; replies at the ear p50 ${replyMs.p50} ms, p95 ${replyMs.p95} ms`,
    result.heardEqualsHistory
      ? `what the caller heard is what the history says (${result.lostInTransit} word(s) damaged on the way)`
      : 'what the caller heard is NOT what the history says',
    ...faults.map((fault) => `✗ ${fault}`),
  ];
}
