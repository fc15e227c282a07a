import type { Failure } from '../failure.ts';

/** One message to whoever receives alerts. The same `id` and `body` again are the same message. */
export interface AlertMessage {
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/** Carries messages to the receiver. */
export interface AlertCourier {
  /**
   * Sends once, follows nothing, and ends within 5 s. The value is what went wrong: nothing, when the receiver answered with 2xx.
   * Never rejects; repeats nothing.
   */
  post(message: AlertMessage, options: { readonly signal: AbortSignal }): Promise<Failure | undefined>;
}

/** What is to be told, from the first moment on that it is. */
export interface AlertOutbox {
  /** All of it that fits into one message; nothing, when nothing is due. May reject: then nothing was taken. */
  take(): Promise<AlertParcel | undefined>;
}

/** Taken by one sender; each ends with exactly one of these. */
export interface AlertParcel {
  readonly message: AlertMessage;
  delivered(): Promise<void>;
  undelivered(failure: Failure): Promise<void>;
}
