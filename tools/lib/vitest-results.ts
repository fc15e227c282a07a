import { readFileSync } from 'node:fs';

export interface Results {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * What vitest's JSON reporter wrote. A run that failed without a failed test (a file that does not load, an error nobody
 * handled, no report at all) counts as one failure: it must never look like success.
 */
export function readResults(file: string, succeeded: boolean): Results {
  const { passed, failed, skipped } = read(file);
  return { passed, skipped, failed: succeeded ? failed : Math.max(1, failed) };
}

/** The last line of `npm test`. */
export const closingLine = ({ passed, failed }: Results): string => `${passed} passed, ${failed} failed`;

function read(file: string): Results {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
    const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
