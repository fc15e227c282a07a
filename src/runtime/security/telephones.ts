import type { Clock } from '../../clock.ts';
import type { Caller } from '../../actors/room.ts';
import type { Intake } from '../intake.ts';
import { isAbortedJoin } from '../livekit-webhook.ts';
import type { Outbound } from '../outbound.ts';
import type { RoomGate } from '../room-admission.ts';
import type { Security } from './security.ts';

interface TelephoneOptions {
  readonly security: Security;
  readonly clock: Pick<Clock, 'now'>;
  /** Beginnings of numbers that cost whoever calls them more than a call. */
  readonly premium: readonly string[];
}

/** Whoever keeps their number back is no one source. */
const isNumber = (phone: string | undefined): phone is string => /^\+?\d{5,15}$/.test(phone ?? '');
const numberOf = (phone: string): string => phone.replace(/^00/, '+');

const premiumOf = (premium: readonly string[], number: string): string | undefined =>
  premium.find((prefix) => number.startsWith(prefix));

/**
 * Counts callers by their number as they come; one that is blocked hears that we are busy. `next` is asked of the others, and
 * whoever is in a call already is not asked about at all.
 */
export const callerGate =
  ({ security, premium }: TelephoneOptions, next: RoomGate | undefined): RoomGate =>
  async (room, caller?: Pick<Caller, 'phone'>) => {
    if (isNumber(caller?.phone)) {
      const number = { kind: 'number', value: numberOf(caller.phone) } as const;
      const prefix = premiumOf(premium, number.value);
      if (prefix !== undefined) security.saw('premium_caller', { kind: 'prefix', value: prefix });
      if (security.blockOf(number)) return 'its number is refused for a while';
      security.saw('call_burst', number);
      if (security.blockOf(number)) return 'its number calls too often';
    }
    return next?.(room, caller);
  };

/** An intake that tells of joins that were broken off, and goes on as before. */
export const tellingAborts = (intake: Intake, { security }: Pick<TelephoneOptions, 'security'>): Intake => ({
  receive(webhook) {
    if (isAbortedJoin(webhook)) {
      const { identity, attributes } = webhook.aborted;
      const phone = attributes?.['sip.phoneNumber'];
      security.saw(
        'aborted_join',
        isNumber(phone) ? { kind: 'number', value: numberOf(phone) } : { kind: 'identity', value: identity },
      );
    }
    return intake.receive(webhook);
  },
});

/**
 * Calls out to premium numbers are made only where the beginning of such a number is allowed by itself, and then not many at
 * a time: a wider allowance does not mean them.
 */
export const guardedOutbound = (
  outbound: Outbound,
  { security, clock, premium, allow }: TelephoneOptions & { readonly allow: readonly string[] },
): Outbound => ({
  async call(request) {
    const prefix = premiumOf(premium, request.to);
    if (prefix === undefined) return outbound.call(request);
    const source = { kind: 'prefix', value: prefix } as const;
    security.saw('premium_call', source);
    if (!allow.some((each) => each.startsWith(prefix) && request.to.startsWith(each))) return { is: 'premium', prefix };
    const block = security.blockOf(source);
    return block ? { is: 'blocked', prefix, retryAfterMs: block.until - clock.now() } : outbound.call(request);
  },
});
