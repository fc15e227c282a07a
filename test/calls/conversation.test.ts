import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { delaysMs } from '../../src/machines/deadlines.ts';
import { type CaseKind, casesFor, type Language } from '../support/conversation/cases.ts';
import { report } from '../support/conversation/report.ts';
import { type EarName, runSuiteCall, type SuiteCall } from '../support/conversation/run-suite.ts';
import { writeResults } from '../support/conversation/results-file.ts';

const wholeSuite = process.env['VOICECHART_SUITE'] === '1';
/** One call for each of them, at the same time. */
const rounds: readonly (readonly [Language, readonly EarName[]])[] = [
  ['en', ['flux', 'nova']],
  ['de', ['flux', 'nova']],
  ['ru', ['flux', 'nova']],
  ['en', ['hasty']],
];

/** A transcriber that errs about ends of turns makes no other difference. */
const casesOf = (ear: EarName, language: Language) =>
  casesFor(language).filter(({ kind }) => ear !== 'hasty' || kind === 'pause' || kind === 'spelled');

const isFloorCase = (kind: CaseKind): boolean => kind !== 'pause' && kind !== 'spelled';

/** A folder for what each call's log and each case's verdict say, when one is wanted. */
const logs = process.env['VOICECHART_LOGS'];

function keep({ ear, language, results, tell }: SuiteCall): void {
  if (!logs) return;
  writeFileSync(join(logs, `${ear}-${language}.log`), tell());
  writeFileSync(join(logs, `${ear}-${language}.jsonl`), results.map((each) => JSON.stringify(each)).join('\n'));
}

const selection = [
  'backchannel-mm-hm',
  'noise-cough',
  'backchannel-uh-huh',
  'noise-cough-twice',
  'interruption-wait',
  'pause-arrive 700 ms',
  'spelled-name-9',
];

test('docs/conversation.md states the delays of the floor as they are', () => {
  const document = readFileSync(new URL('../../docs/conversation.md', import.meta.url), 'utf8');
  const stated = [...document.matchAll(/`(\w+)` ([\d,]+)/g)].map(([, name, ms]) => [
    name,
    Number(ms!.replaceAll(',', '')),
  ]);
  expect(stated.length).toBeGreaterThan(10);
  expect(Object.fromEntries(stated)).toEqual(
    Object.fromEntries(stated.map(([name]) => [name, delaysMs[name as keyof typeof delaysMs]])),
  );
});

describe.skipIf(wholeSuite)('real voices', () => {
  test('D4.3 R10.2 the floor goes to who asks for it, and a pause ends no turn', { timeout: 120_000 }, async () => {
    const cases = casesFor('en').filter(({ id }) => selection.includes(id));
    expect(cases).toHaveLength(selection.length);
    const call = await runSuiteCall('nova', 'en', cases);
    keep(call);
    // On a busy machine the ear hears late what the log tells on time.
    expect(
      call.results.filter(({ passByLog, valid }) => valid && !passByLog),
      call.tell(),
    ).toEqual([]);
    expect(call.results.filter(({ pass }) => pass).length, call.tell()).toBeGreaterThanOrEqual(3);
  });
});

describe.runIf(wholeSuite)('the conversation suite', () => {
  test('is played and its table written', { timeout: 45 * 60_000 }, async () => {
    const calls: SuiteCall[] = [];
    for (const [language, together] of rounds) {
      // oxlint-disable-next-line no-await-in-loop -- more calls at a time would share the machine
      const round = await Promise.all(together.map((ear) => runSuiteCall(ear, language, casesOf(ear, language))));
      for (const call of round) keep(call);
      calls.push(...round);
      console.log(`\n${report(round)}`);
      if (process.env['VOICECHART_DOCS'] !== 'keep') writeResults(report(calls));
    }
    console.log(`\n${report(calls)}`);
    // What must hold on any machine; the document has the rest.
    const floor = calls.flatMap(({ results }) => results).filter(({ kind, valid }) => valid && isFloorCase(kind));
    const good = floor.filter(({ passByLog }) => passByLog).length;
    expect(good / floor.length).toBeGreaterThanOrEqual(0.9);
  });
});
