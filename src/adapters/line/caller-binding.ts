import { type Caller, callerKeyOf, isCallersRole, type RoomFact } from '../../actors/room.ts';

/** A participant as both kinds of room know it. */
export interface Participant {
  readonly identity: string;
  readonly sid: string;
  readonly kind: 'sip' | 'standard' | 'other';
  readonly attributes: Readonly<Record<string, string>>;
}

export interface CallerBinding {
  /** Somebody is in the room: new, found there after a join, or with attributes that changed. */
  seen(participant: Participant): void;
  /** Somebody left; only the SID now bound counts. */
  left(sid: string, reason: string): void;
  /** Are these the sounds and digits of our caller? */
  isCaller(sid: string): boolean;
  /** After a link loss: who is still there. A caller who was bound and is not is reported as left, again if need be. */
  reconcile(present: readonly Participant[]): void;
}

/**
 * Binds one caller and reports about nobody else: a SIP leg, or a participant whose token says `voicechart.role=caller`. The key is
 * that of `callerKeyOf`; with `callerKey` only that one. The key is kept when the caller leaves, so a new SID with it rebinds.
 * A SIP leg with another key was not invited: `remove` is called for it, and nothing is reported.
 */
export function createCallerBinding(options: {
  readonly callerKey?: string | undefined;
  readonly remove: (identity: string) => void;
  readonly report: (fact: RoomFact) => void;
}): CallerBinding {
  const { remove, report } = options;
  let key = options.callerKey;
  let lastSid: string | undefined;
  let bound: { readonly sid: string; status: 'before' | 'answered' | 'hungUp' } | undefined;

  function seen(participant: Participant): void {
    if (!maybeCaller(participant)) return;
    const itsKey = keyOf(participant);
    if (key !== undefined && itsKey !== key) return refuse(participant);
    if (bound?.sid !== participant.sid) bind(participant, itsKey);
    follow(participant);
  }

  function refuse(participant: Participant): void {
    // Its call id may still be on its way as a changed attribute.
    if (participant.kind === 'sip' && participant.attributes['sip.callID']) remove(participant.identity);
  }

  function bind(participant: Participant, itsKey: string): void {
    key = itsKey;
    lastSid = participant.sid;
    bound = { sid: participant.sid, status: 'before' };
    report({ type: 'caller.joined', caller: callerOf(participant, itsKey) });
  }

  function follow({ kind, attributes }: Participant): void {
    const status = attributes['sip.callStatus'];
    if (bound?.status === 'before' && (kind !== 'sip' || status === 'active')) {
      bound.status = 'answered';
      report({ type: 'caller.answered' });
    }
    if (bound && bound.status !== 'hungUp' && status === 'hangup') {
      bound.status = 'hungUp';
      report({ type: 'caller.hung_up' });
    }
  }

  function left(sid: string, reason: string): void {
    if (bound?.sid !== sid) return;
    bound = undefined;
    report({ type: 'caller.left', sid, reason });
  }

  return {
    seen,
    left,
    isCaller: (sid) => bound?.sid === sid,
    reconcile(present) {
      for (const participant of present) seen(participant);
      if (present.some(({ sid }) => sid === lastSid)) return;
      // Also when he had left before: what was made of that is forgotten since.
      if (lastSid) report({ type: 'caller.left', sid: lastSid, reason: 'gone while the link was down' });
      bound = undefined;
    },
  };
}

const maybeCaller = ({ kind, attributes }: Participant): boolean =>
  kind === 'sip' || (kind === 'standard' && isCallersRole(attributes));

const keyOf = ({ identity, kind, attributes }: Participant): string =>
  callerKeyOf({ identity, isSip: kind === 'sip', attributes });

function callerOf({ identity, sid, kind, attributes }: Participant, callerKey: string): Caller {
  const phone = attributes['sip.phoneNumber'];
  const trunkPhone = attributes['sip.trunkPhoneNumber'];
  return {
    identity,
    sid,
    kind: kind === 'sip' ? 'sip' : 'standard',
    callerKey,
    ...(phone === undefined ? {} : { phone }),
    ...(trunkPhone === undefined ? {} : { trunkPhone }),
  };
}
