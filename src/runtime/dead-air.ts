import type { LineLook } from './line-look.ts';
import type { Logger } from './log.ts';

const tellAfterMs = 3_000;
const mostCalls = 500;

/** Writes once of each stretch in which nothing but digital silence comes from a caller though his link is up. */
export function logDeadAir(log: Pick<Logger, 'warn'>): (seen: LineLook) => void {
  const told = new Set<string>();
  return ({ callKey, deadAirMs = 0 }) => {
    if (deadAirMs < tellAfterMs) return void told.delete(callKey);
    if (told.has(callKey)) return;
    if (told.size >= mostCalls) told.clear();
    told.add(callKey);
    log.warn({ code: 'line.dead_air', callKey, deadAirMs }, 'nothing but digital silence comes from a caller');
  };
}
