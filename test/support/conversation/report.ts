import type { CaseKind } from './cases.ts';
import type { CaseResult } from './judge.ts';
import type { EarName, SuiteCall } from './run-suite.ts';

const kinds: readonly CaseKind[] = ['interruption', 'backchannel', 'noise', 'pause', 'spelled'];
const names: Readonly<Record<CaseKind, string>> = {
  interruption: 'interruption: the agent yields within 2 s, one turn',
  backchannel: 'backchannel: no silent 200 ms within 1 s, the agent goes on',
  noise: 'cough, breath, tap, door: the same',
  pause: 'pause of 400, 700, 1,000 ms in a turn: one turn, left alone',
  spelled: 'number or name in groups, 900 ms between: one turn, left alone',
};
const earNames: Readonly<Record<EarName, string>> = { flux: 'Flux', nova: 'Nova', hasty: 'hasty Flux' };

/** The tables of the document: rates, times of interruptions, and every miss with what was seen. */
export function report(calls: readonly SuiteCall[]): string {
  const ears = [...new Set(calls.map(({ ear }) => ear))];
  const resultsOf = (ear: EarName) => calls.filter((call) => call.ear === ear).flatMap(({ results }) => results);
  const rates = kinds.map((kind) => row(names[kind], ...ears.map((ear) => rateOf(resultsOf(ear), kind))));
  const times = ears.filter((ear) => ear !== 'hasty').flatMap((ear) => timesOf(earNames[ear], resultsOf(ear)));
  const misses = ears.flatMap((ear) => missesOf(earNames[ear], resultsOf(ear)));
  return [
    head('case', ...ears.map((ear) => earNames[ear])),
    ...rates,
    '',
    head('interruptions, ms (p50 / p95 / most)', 'point', 'ducked', 'silent'),
    ...times,
    '',
    ...(misses.length > 0 ? ['Misses:', '', ...misses] : ['No misses.']),
  ].join('\n');
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const head = (...cells: readonly string[]): string => `${row(...cells)}\n${row(...cells.map(() => '---'))}`;

function rateOf(results: readonly CaseResult[], kind: CaseKind): string {
  const all = results.filter((result) => result.kind === kind);
  if (all.length === 0) return '';
  const valid = all.filter((result) => result.valid);
  const good = valid.filter(({ pass }) => pass).length;
  return `${good} of ${valid.length}${valid.length < all.length ? ` (${all.length - valid.length} void)` : ''}`;
}

function timesOf(ear: string, results: readonly CaseResult[]): string[] {
  const valid = results.filter((result) => result.kind === 'interruption' && result.valid);
  return [
    row(ear, 'edge', spread(valid.map(({ edge }) => edge.duckMs)), spread(valid.map(({ edge }) => edge.yieldMs))),
    row(ear, 'ear', spread(valid.map(({ duckedMs }) => duckedMs)), spread(valid.map(({ yieldedMs }) => yieldedMs))),
    row(ear, 'mouth → edge', spread(valid.map(({ edge }) => edge.arrivesMs)), ''),
  ];
}

function spread(values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return '–';
  const at = (share: number) => Math.round(known[Math.max(0, Math.ceil(share * known.length) - 1)]!);
  return `${at(0.5)} / ${at(0.95)} / ${at(1)} (${known.length})`;
}

const missesOf = (ear: string, results: readonly CaseResult[]): string[] =>
  results
    .filter(({ pass, valid }) => !pass || !valid)
    .map(
      ({ id, valid, miss }) =>
        `- ${ear}, ${id}: ${valid ? miss : 'void: the agent was not speaking, or the sound had holes'}`,
    );
