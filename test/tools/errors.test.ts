import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { logCodes } from '../../tools/errors/log-codes.ts';
import { apiProblems, errorsPage, loggedCodes } from '../../tools/errors/page.ts';
import { problemMends } from '../../tools/errors/problem-mends.ts';

test('R7.4 every code of the log has its cause and what mends it in docs/errors.md, and no other has', () => {
  expect(loggedCodes()).toEqual(Object.keys(logCodes).toSorted());
  for (const { cause, mend } of Object.values(logCodes))
    expect([cause, mend].every((text) => text.length > 5)).toBe(true);
});

test('R7.4 every problem of the API says what to do about it', () => {
  const problems = apiProblems();
  expect(problems.length).toBeGreaterThan(50);
  expect(problems.filter(({ fix }) => fix === undefined).map(({ code }) => code)).toEqual([]);
  const codes = problems.map(({ code }) => code);
  expect(Object.keys(problemMends).filter((code) => !codes.includes(code))).toEqual([]);
});

test('docs/errors.md is what the source says: node tools/run.js tools/errors.ts --write', () => {
  expect(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorsPage());
});
