import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closingLine, readResults } from '../../tools/lib/vitest-results.ts';

const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
const file = join(folder, 'vitest.json');

afterAll(() => rmSync(folder, { recursive: true }));

function report(numbers: object): string {
  writeFileSync(file, JSON.stringify(numbers));
  return file;
}

describe('the closing line of npm test', () => {
  it('counts what passed and failed', () => {
    const results = readResults(report({ numPassedTests: 40, numFailedTests: 2, numPendingTests: 1 }), false);
    expect(results).toEqual({ passed: 40, failed: 2, skipped: 1 });
    expect(closingLine(results)).toBe('40 passed, 2 failed');
  });

  it('never looks like success when the run failed', () => {
    expect(readResults(report({ numPassedTests: 40, numFailedTests: 0 }), false).failed).toBe(1);
    expect(readResults(join(folder, 'none.json'), true).failed).toBe(1);
  });
});
