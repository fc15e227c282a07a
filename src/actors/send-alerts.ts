import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { AlertCourier, AlertMessage, AlertOutbox } from './alert-courier.ts';
import { leaf, type Stamped } from './leaf.ts';

type Nothing = { type: 'none' };

type Sent =
  | { readonly type: 'alert.none' }
  | { readonly type: 'alert.delivered' }
  /** `jitter`: from 0 to 1, for the pause before it is tried again. */
  | { readonly type: 'alert.undelivered'; readonly failure: Failure; readonly jitter: number };
type Beat = { readonly type: 'alert.beat' };
type Measured = { readonly type: 'alert.measured' };

export type AlertFact = Stamped<Sent | Beat | Measured>;

interface Parts {
  readonly outbox: AlertOutbox;
  /** Left out: nobody receives anything, and what is taken counts as told. */
  readonly courier?: AlertCourier | undefined;
  readonly random: () => number;
}

/** Sends what is due as one message, once. Reports once. */
export const sendAlerts = ({ outbox, courier, random }: Parts, clock: Clock) =>
  leaf<Sent, Nothing, undefined>(clock, ({ signal, report }) => {
    async function send(): Promise<Sent> {
      const parcel = await outbox.take();
      if (!parcel) return { type: 'alert.none' };
      const failure = await courier?.post(parcel.message, { signal });
      await (failure ? parcel.undelivered(failure) : parcel.delivered());
      return failure ? { type: 'alert.undelivered', failure, jitter: random() } : { type: 'alert.delivered' };
    }
    void send().then(report, (error: unknown) =>
      report({ type: 'alert.undelivered', failure: ourOwn(error), jitter: random() }),
    );
  });

interface Heart {
  readonly courier?: AlertCourier | undefined;
  /** Of this moment. */
  readonly message: () => AlertMessage;
  readonly missed: (failure: Failure) => void;
}

/** Shows once that the instance lives; whoever misses it raises the alarm. A beat that is lost is not repeated. Reports once. */
export const beatHeart = ({ courier, message, missed }: Heart, clock: Clock) =>
  leaf<Beat, Nothing, undefined>(clock, ({ signal, report }) => {
    const beat = async () => {
      const failure = await courier?.post(message(), { signal });
      if (failure) missed(failure);
    };
    void beat().finally(() => report({ type: 'alert.beat' }));
  });

/** Looks once whether limits are kept. Reports once. */
export const measureLimits = (measure: () => void, clock: Clock) =>
  leaf<Measured, Nothing, undefined>(clock, ({ report }) => {
    measure();
    report({ type: 'alert.measured' });
  });

const ourOwn = (error: unknown): Failure => ({
  vendor: 'alerts',
  phase: 'rest',
  class: 'api',
  retryable: true,
  message: String(error).slice(0, 300),
});
