import { spawnSync } from 'node:child_process';
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

describe('npm test on a machine without the services that it needs', () => {
  it('ends before anything else, and says what to install', () => {
    const check = join(import.meta.dirname, '../../tools/check.ts');
    // Nothing is on this PATH, not even a way to install something.
    const { status, stdout } = spawnSync(process.execPath, [check], { env: { PATH: folder }, encoding: 'utf8' });
    const missing = ['redis-server', 'redis-sentinel', 'espeak-ng', 'promtool', 'chromium'];
    for (const name of missing) expect(stdout).toContain(`${name} is missing`);
    expect(stdout).toContain('on Debian by `apt-get install redis-server`');
    expect(stdout).toMatch(/FAILED {2}packages/);
    expect([status, stdout.includes('format')]).toEqual([1, false]);
  });
});

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
