import type { Caller } from '../actors/room.ts';
import type { DatedOrder, Mail } from './call-store.ts';

/** What a mailbox comes to: whom to talk to, or that there is nobody left to talk to. */
export interface Standing {
  readonly room?: string;
  /** The caller's newest leg that has not left. */
  readonly caller?: Caller;
  readonly roomFinished: boolean;
  /** It is a call of ours. */
  readonly order?: DatedOrder;
}

/**
 * Folds a call's mail, in whatever order and however often it came: a leave counts for its own SID only, also when it
 * overtook the join. A call without `caller` or `order` does not begin.
 */
export function standingOf(mail: readonly Mail[]): Standing {
  const facts = mail.map((letter) => letter.event.fact);
  const joins = facts.filter((fact) => fact.type === 'door.caller_joined');
  const left = new Set(facts.map((fact) => (fact.type === 'door.caller_left' ? fact.sid : undefined)));
  const roomFinished = facts.some((fact) => fact.type === 'door.room_finished');
  const caller = roomFinished ? undefined : joins.findLast((join) => !left.has(join.caller.sid))?.caller;
  const order = mail.flatMap(orderIn)[0];
  const room = order?.room ?? joins[0]?.room;
  return {
    roomFinished,
    ...(order === undefined ? {} : { order }),
    ...(room === undefined ? {} : { room }),
    ...(caller === undefined ? {} : { caller }),
  };
}

const orderIn = ({ event: { fact, at } }: Mail): DatedOrder[] =>
  fact.type === 'door.dial_asked' ? [{ ...fact.order, orderedAt: at }] : [];
