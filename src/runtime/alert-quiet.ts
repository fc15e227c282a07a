import type { AlertBook } from './alert-book.ts';
import type { AlertKind, Alerts } from './alerts.ts';

/** What happens and does not stand: it is over when it has not happened for a while. */
const passing: readonly AlertKind[] = ['call_crashed', 'call_lost', 'suspicious', 'alerts_overflow'];
const quietMs = 600_000;

export function resolveQuiet(alerts: Pick<Alerts, 'resolve'>, book: Pick<AlertBook, 'open'>, now: number): void {
  for (const incident of book.open())
    if (passing.includes(incident.kind) && now - incident.lastAt >= quietMs) alerts.resolve(incident);
}
