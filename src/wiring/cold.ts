import type { Failure } from '../failure.ts';
import type { Logger } from '../runtime/log.ts';

/** Tells of vendors to whom no connection could be opened beforehand. */
export function warnOfCold(log: Logger, failures: readonly Failure[]): void {
  for (const failure of failures)
    log.warn({ code: 'vendor.cold', failure }, 'a vendor could not be reached ahead of need');
}
