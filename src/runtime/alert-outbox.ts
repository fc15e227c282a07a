import type { AlertOutbox } from '../actors/alert-courier.ts';
import type { Failure } from '../failure.ts';
import { type AlertBook, holdMs, type Incident } from './alert-book.ts';
import type { AlertClaims } from './alert-claims.ts';
import { alertsMessage } from './alert-message.ts';
import { isCommon, severities } from './alerts.ts';

interface AlertOutboxOptions {
  readonly book: AlertBook;
  readonly claims: AlertClaims;
  readonly instance: string;
  /** Whether there is anybody to tell. */
  readonly hasReceiver: boolean;
  readonly delivered: (incidents: readonly Incident[]) => void;
  readonly undelivered: (incidents: readonly Incident[], failure: Failure) => void;
}

/** Of who told it: over when the same may be told again, however long it took to say so. */
const markMs = holdMs - 1_000;

/** Beginnings by how bad they are, the mildest first: whoever told of one has told of those that are milder too. */
const beginnings = ({ kind, target }: Incident): readonly string[] =>
  severities.map((severity) => `${kind} ${target} open ${severity}`);
const endOf = ({ kind, target }: Incident): string => `${kind} ${target} resolved`;

const told = (incident: Incident): readonly string[] =>
  incident.state === 'resolved'
    ? [endOf(incident)]
    : beginnings(incident).slice(0, severities.indexOf(incident.severity) + 1);
const nameOf = (incident: Incident): string => told(incident).at(-1)!;
const insteadOf = (incident: Incident): readonly string[] =>
  incident.state === 'resolved' ? beginnings(incident) : [endOf(incident)];

/** What the book has to tell, as messages; of what all instances see one tells. */
export function createAlertOutbox(options: AlertOutboxOptions): AlertOutbox {
  const { book, claims, instance, hasReceiver, delivered, undelivered } = options;
  const claimed = (incident: Incident) =>
    isCommon(incident.kind) ? claims.take(nameOf(incident)) : Promise.resolve('mine' as const);
  /** An end that comes back within ten minutes is to be told again, a beginning is not. */
  const noted = (incident: Incident): Promise<void> | undefined =>
    isCommon(incident.kind) ? claims.told(told(incident), insteadOf(incident), markMs) : undefined;
  const released = (incident: Incident) => (isCommon(incident.kind) ? claims.release(nameOf(incident)) : undefined);

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
