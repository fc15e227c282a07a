import type { AlertOutbox } from '../actors/alert-courier.ts';
import type { Failure } from '../failure.ts';
import { type AlertBook, holdMs, type Incident } from './alert-book.ts';
import type { AlertClaims } from './alert-claims.ts';
import { alertsMessage } from './alert-message.ts';
import { isCommon } from './alerts.ts';

interface AlertOutboxOptions {
  readonly book: AlertBook;
  readonly claims: AlertClaims;
  readonly instance: string;
  /** Whether there is anybody to tell. */
  readonly hasReceiver: boolean;
  readonly delivered: (incidents: readonly Incident[]) => void;
  readonly undelivered: (incidents: readonly Incident[], failure: Failure) => void;
}

const nameOf = ({ kind, target }: Incident, state: Incident['state']): string => `${kind} ${target} ${state}`;
const other = { open: 'resolved', resolved: 'open' } as const;

/** What the book has to tell, as messages; of what all instances see one tells. */
export function createAlertOutbox(options: AlertOutboxOptions): AlertOutbox {
  const { book, claims, instance, hasReceiver, delivered, undelivered } = options;
  const claimed = (incident: Incident) =>
    isCommon(incident.kind) ? claims.take(nameOf(incident, incident.state)) : Promise.resolve('mine' as const);
  /** An end that comes back within ten minutes is to be told again, a beginning is not. */
  const noted = (incident: Incident): Promise<void> | undefined =>
    isCommon(incident.kind)
      ? claims.told(nameOf(incident, incident.state), nameOf(incident, other[incident.state]), holdMs)
      : undefined;
  const released = (incident: Incident) =>
    isCommon(incident.kind) ? claims.release(nameOf(incident, incident.state)) : undefined;

  return {
    async take() {
      const due = book.due();
      const states = hasReceiver ? await Promise.all(due.map(claimed)) : due.map(() => 'told' as const);
      book.told(due.filter((_, index) => states[index] === 'told'));
      const mine = due.filter((_, index) => states[index] === 'mine');
      if (mine.length === 0) return undefined;
      return {
        message: alertsMessage(instance, mine),
        async delivered() {
          book.told(mine);
          delivered(mine);
          await Promise.all(mine.map(noted));
        },
        async undelivered(failure) {
          undelivered(mine, failure);
          await Promise.all(mine.map(released));
        },
      };
    },
  };
}
