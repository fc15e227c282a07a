import type { DialInput } from '../../actors/dial.ts';
import type { DialFailure, NotReached } from '../../actors/dialer.ts';
import type { ModelMessage } from '../../actors/reply-model.ts';
import type { CallContext } from './context.ts';
import type { CallEvent } from './events.ts';
import type { Dial } from './ordered-dial.ts';

type Change = Partial<CallContext>;

/** What is dialled. */
export const dialInputOf = ({ dial, agent }: CallContext): DialInput => ({
  to: dial?.to ?? '',
  ringMs: dial?.ringMs ?? 0,
  maxCallMs: agent.maxCallMs,
  ...(dial?.from === undefined ? {} : { from: dial.from }),
});

const whyOf: Readonly<Record<NotReached, string>> = {
  busy: 'busy',
  no_answer: 'no answer',
  rejected: 'rejected',
  unreachable: 'unreachable',
  failed: 'dial failed',
  unknown: 'dial unknown',
};

/** What was heard while it rang, such as an announcement of the network, was not said to us. */
export const answered = ({ dial }: CallContext, answeredAt: number): Change =>
  dial
    ? { dial: { ...dial, outcome: { result: 'answered' }, answeredAt }, pending: [], hearingSettledAt: answeredAt }
    : {};

/** The call ends with this. */
export const withOutcome = ({ dial }: CallContext, outcome: DialFailure): Change =>
  dial ? { dial: { ...dial, outcome }, why: whyOf[outcome.result] } : {};

const unknown: DialFailure = { result: 'unknown' };

export const outcomeOf = (event: CallEvent): DialFailure => (event.type === 'dial.failed' ? event.outcome : unknown);

/** Of a leg that another process dialled, LiveKit's reason for its leaving is all there is to know. */
const byReason: Readonly<Record<string, NotReached>> = { USER_REJECTED: 'rejected', USER_UNAVAILABLE: 'no_answer' };

export const legLeft = (event: CallEvent): DialFailure =>
  event.type === 'caller.left' || event.type === 'call.caller_gone'
    ? { result: byReason[event.reason] ?? 'unknown' }
    : unknown;

/** What the model is told of a call out before anything was said. */
export const briefOf = ({ dial }: CallContext): ModelMessage[] =>
  dial ? [{ role: 'system', text: `You have called ${dial.to} yourself.${given(dial)}` }] : [];

const given = ({ input }: Dial): string => (input === undefined ? '' : ` This call is about: ${input}`);
