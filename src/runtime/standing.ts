import type { Caller } from '../actors/room.ts';
import type { CallFact, DatedOrder, Mail } from './call-store.ts';

/** What a mailbox comes to: whom to talk to, or that there is nobody left to talk to. */
export interface Standing {
  readonly room?: string;
  /** The caller's newest leg: of those that have not left, if there are any. */
  readonly caller?: Caller;
  /** As far as was told. */
  readonly isThere: boolean;
  readonly roomFinished: boolean;
  /** When the last of all was told that says that somebody went, ms since 1970. */
  readonly leftAt: number;
  /** It is a call of ours. */
  readonly order?: DatedOrder;
}

/**
 * Folds a call's mail, in whatever order and however often it came: a leave counts for its own SID only, also when it
 * overtook the join. `bound` is the leg that an earlier owner of the call talked to.
 */
export function standingOf(mail: readonly Mail[], bound?: Caller): Standing {
  const facts = mail.map(({ event }) => event.fact);
  const joins = facts.filter((fact) => fact.type === 'door.caller_joined');
  const gone = new Set(facts.map(sidGone));
  const legs = [...(bound ? [bound] : []), ...joins.map((join) => join.caller)];
  const there = legs.findLast(({ sid }) => !gone.has(sid));
  const roomFinished = facts.some((fact) => fact.type === 'door.room_finished');
  const order = mail.flatMap(orderIn)[0];
  const [room, caller] = [order?.room ?? joins[0]?.room, there ?? legs.at(-1)];
  return {
    isThere: !roomFinished && there !== undefined,
    roomFinished,
    leftAt: Math.max(-Infinity, ...mail.filter(tellsOfLeaving).map(({ event }) => event.at)),
    ...(order === undefined ? {} : { order }),
    ...(room === undefined ? {} : { room }),
    ...(caller === undefined ? {} : { caller }),
  };
}

const sidGone = (fact: CallFact): string | undefined =>
  fact.type === 'door.caller_left' || fact.type === 'door.caller_unlisted' ? fact.sid : undefined;

const tellsOfLeaving = ({ event: { fact } }: Mail): boolean =>
  fact.type === 'door.room_finished' || sidGone(fact) !== undefined;

const orderIn = ({ event: { fact, at } }: Mail): DatedOrder[] =>
  fact.type === 'door.dial_asked' ? [{ ...fact.order, orderedAt: at }] : [];
