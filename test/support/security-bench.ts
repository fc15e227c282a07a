import type { Clock } from '../../src/clock.ts';
import type { Alert } from '../../src/runtime/alerts.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import type { BlockShare } from '../../src/runtime/security/block-share.ts';
import { createSecurity } from '../../src/runtime/security/security.ts';
import type { Source } from '../../src/runtime/security/signals.ts';

/** Security with what it told. Sources are `source-1`, `source-2` … in it, as they come. */
export function securityBench(
  clock: Pick<Clock, 'now'>,
  { callsPerMinute = 3, share = undefined as BlockShare | undefined } = {},
) {
  const alerts: Alert[] = [];
  const lines: LogFields[] = [];
  const sources: string[] = [];
  const pseudonym = ({ kind, value }: Source): string => {
    const name = `${kind} ${value}`;
    if (!sources.includes(name)) sources.push(name);
    return `source-${sources.indexOf(name) + 1}`;
  };
  const security = createSecurity({
    alerts: { raise: (alert) => void alerts.push(alert) },
    log: { warn: (fields) => void lines.push(fields), info: (fields) => void lines.push(fields) },
    clock,
    pseudonym,
    callsPerMinute,
    share,
  });
  return { security, alerts, lines, codes: () => lines.map(({ code }) => code) };
}
