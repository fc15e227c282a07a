import type { AlertBook } from './alert-book.ts';
import type { AlertKind, Alerts } from './alerts.ts';

/** What happens and does not stand: it is over when it has not happened for a while. */
const passing: readonly AlertKind[] = ['call_crashed', 'call_lost', 'suspicious', 'alerts_overflow'];
const quietMs = 600_000;
/** What stood when the last process ended and still stands is found again within three rounds of looks. */
const foundAgainMs = 180_000;

interface Quiet {
  readonly alerts: Pick<Alerts, 'resolve'>;
  readonly book: Pick<AlertBook, 'open'>;
  /** When this process began. */
  readonly since: number;
  readonly now: number;
}

/** Ends what nobody will tell the end of. */
export function resolveQuiet({ alerts, book, since, now }: Quiet): void {
  for (const incident of book.open()) {
    const { kind, lastAt } = incident;
    const isOver = passing.includes(kind) ? now - lastAt >= quietMs : lastAt < since && now - since >= foundAgainMs;
    if (isOver) alerts.resolve(incident);
  }
}
