import type { Checking, Finding } from '../../src/cli/doctor/finding.ts';

/** What a check is run with, and what it told. */
export function createChecking(): Checking & { readonly findings: Finding[]; stop(): void } {
  const stop = new AbortController();
  const findings: Finding[] = [];
  return {
    findings,
    signal: stop.signal,
    cleaning: new Set(),
    tell: (finding) => void findings.push(finding),
    stop: () => stop.abort(),
  };
}
