import type { Clock } from '../../src/clock.ts';
import type { Alert } from '../../src/runtime/alerts.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import type { BlockShare } from '../../src/runtime/security/block-share.ts';
import { createSecurity } from '../../src/runtime/security/security.ts';

/** Security with what it told. Of a source its last character is known in it. */
export function securityBench(
  clock: Pick<Clock, 'now'>,
  { callsPerMinute = 3, share = undefined as BlockShare | undefined } = {},
) {
  const alerts: Alert[] = [];
  const lines: LogFields[] = [];
  const security = createSecurity({
    alerts: { raise: (alert) => void alerts.push(alert) },
    log: { warn: (fields) => void lines.push(fields), info: (fields) => void lines.push(fields) },
    clock,
    pseudonym: ({ value }) => `*${value.at(-1)}`,
    callsPerMinute,
    share,
  });
  return { security, alerts, lines, codes: () => lines.map(({ code }) => code) };
}
