import type { Failure } from '../../failure.ts';
import { failureOf } from '../classify.ts';

/** RFC 4733 event codes of the sixteen keys. */
const codes: Readonly<Record<string, number>> = {
  ...Object.fromEntries([...'0123456789'].map((digit, code) => [digit, code])),
  '*': 10,
  '#': 11,
  A: 12,
  B: 13,
  C: 14,
  D: 15,
};

export const dtmfCode = (digit: string): number | undefined => codes[digit];

/** A failure if one of the keys is none of `0-9*#A-D`; then nothing is to be sent. */
export function unsendableDigits(digits: string, vendor: string): Failure | undefined {
  const wrong = [...digits].find((digit) => dtmfCode(digit) === undefined);
  if (wrong === undefined) return undefined;
  const message = `digits: ${JSON.stringify(wrong)} is not a key; allowed are 0-9, *, # and A-D`;
  return failureOf('config', { vendor, phase: 'rest', message });
}
