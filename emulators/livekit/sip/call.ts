import { randomBytes } from 'node:crypto';
import type { Journal } from '../../kit/journal.ts';
import type { Phone, PhoneEvent } from '../../phone/types.ts';
import type { Cast } from '../cast.ts';
import { newId } from '../ids.ts';
import type { Callee } from '../settings.ts';
import { relayed, type TwirpError } from '../twirp.ts';
import type { Outgoing } from './request.ts';
import { leaveReasonOf, refusedCall, ringsBefore, timedOut } from './status.ts';

/** The gateway passes its own keys on one per this time; a `w` in them waits half a second. */
const keyMs = 540;
const waitMs = 500;
/** From the INVITE to the `180 Ringing` of a callee that rings. */
const ringAfterMs = 20;

export type CallStatus = 'dialing' | 'ringing' | 'automation' | 'active' | 'ended';

/** A call that went out, with the callee at its other end. */
export interface OutboundCall {
  /** `sip.callID`, `SCL_…`. */
  readonly callId: string;
  readonly outgoing: Outgoing;
  readonly status: CallStatus;
  /** The callee's telephone: hears the room, speaks, types. */
  readonly phone: Phone;
  /** Resolves when the callee has answered and all `dtmf` are out; rejects with the API's error when that cannot be any more. */
  readonly answered: Promise<void>;
  /** `180 Ringing`. */
  ring(): Promise<void>;
  /** `200 OK`. */
  answer(): Promise<void>;
  /** A final answer that is none of success, such as 486. */
  refuse(status: number, reason?: string): Promise<void>;
  /** BYE, from either side. */
  hangUp(): Promise<void>;
}

/** Joins the room as the gateway does and dials; what the callee does is as `callee` says. Rejects when it cannot join. */
export async function startCall(options: {
  readonly cast: Cast;
  readonly journal: Journal;
  readonly outgoing: Outgoing;
  readonly callee: Callee;
}): Promise<OutboundCall> {
  const { cast, journal, outgoing, callee } = options;
  const { room, identity, number, address } = outgoing;
  const callId = newId('SCL_');
  const timers = new Set<NodeJS.Timeout>();
  const { promise: answered, resolve: succeed, reject: fail } = Promise.withResolvers<void>();
  let status: CallStatus = 'dialing';
  answered.catch(() => undefined);

  const note = (type: string, details: object = {}) => journal.note(type, { call: callId, number, ...details });

  function later(delayMs: number, run: () => Promise<void>): void {
    // Above this a timer fires at once.
    if (delayMs > 2 ** 31 - 1) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      // A process of phones that is gone has hung up already.
      run().catch(() => undefined);
    }, delayMs);
    timers.add(timer);
  }

  function stop(why: string): boolean {
    if (status === 'ended') return false;
    note('call.ended', { status, why });
    status = 'ended';
    for (const timer of timers) clearTimeout(timer);
    return true;
  }

  function onEvent(event: PhoneEvent): void {
    note(`callee.${event.type}`, { ...event, type: `callee.${event.type}`, eventMs: event.atMs });
    if (event.type === 'ended' && stop(event.reason)) fail(timedOut());
  }

  const attributes = { ...outgoing.attributes, 'sip.callID': callId, 'sip.callStatus': 'dialing' };
  const role = { kind: 'sip' as const, identity, name: outgoing.name, attributes };
  const metadata = outgoing.metadata ? { metadata: outgoing.metadata } : {};
  const joining = cast.join({ room, role, onEvent, ...metadata });
  // Its room may go away before its sound is published; the join itself learns of that late or never.
  joining.catch(() => undefined);
  const phone = await Promise.race([joining, answered.then(() => joining)]);
  note('call.invited', { room, identity, address, from: outgoing.from, headers: outgoing.headers });

  async function turn(next: 'ringing' | 'automation' | 'active', more: Readonly<Record<string, string>> = {}) {
    status = next;
    note(`call.${next}`);
    // A room that is just going away needs no status.
    await phone.tell({ 'sip.callStatus': next, ...more }).catch(() => undefined);
  }

  async function end(error: TwirpError, reason: Parameters<Phone['leave']>[0]): Promise<void> {
    if (!stop(error.message)) return;
    fail(error);
    await phone.leave(reason);
  }

  const ring = async () => void (status === 'dialing' && (await turn('ringing')));

  async function answer(): Promise<void> {
    if (status !== 'dialing' && status !== 'ringing') return;
    note('call.answered');
    await phone.pickUp();
    const ids = { 'sip.callIDFull': randomBytes(12).toString('hex'), 'sip.callTag': randomBytes(6).toString('hex') };
    if (outgoing.dtmf) await turn('automation', ids);
    await type(outgoing.dtmf);
    if (isOver()) return;
    await turn('active', outgoing.dtmf ? {} : ids);
    succeed();
    if (callee.hangUpAfterMs !== undefined) later(callee.hangUpAfterMs, hangUp);
  }

  async function type(keys: string): Promise<void> {
    for (const key of keys) {
      if (isOver()) return;
      if (key !== 'w') await phone.hearKey(key);
      await new Promise((resolve) => void setTimeout(resolve, key === 'w' ? waitMs : keyMs));
    }
  }

  const isOver = (): boolean => status === 'ended';
  const isOpen = (): boolean => status === 'dialing' || status === 'ringing';
  const refuse = async (code: number, reason?: string) =>
    void (isOpen() && (await end(refusedCall(code, reason), leaveReasonOf(code))));

  async function hangUp(): Promise<void> {
    if (stop('hung up')) fail(timedOut());
    await phone.hangUp();
  }

  function act(): void {
    const { does, afterMs } = callee;
    const rings =
      callee.rings ?? (does === 'answer' || does === 'ring' || (does === 'refuse' && ringsBefore(callee.status)));
    if (rings) later(ringAfterMs, ring);
    if (does === 'answer') later(afterMs, answer);
    if (does === 'refuse') later(afterMs, () => refuse(callee.status, callee.reason));
    if (does === 'no_tcp') later(0, () => end(noTcp(address), 'CLIENT_INITIATED'));
    later(outgoing.ringMs, async () => void (isOpen() && (await end(timedOut(), 'USER_UNAVAILABLE'))));
    later(outgoing.maxCallMs, () => (isOpen() ? end(timedOut(), 'USER_UNAVAILABLE') : hangUp()));
  }

  act();
  return {
    callId,
    outgoing,
    get status() {
      return status;
    },
    phone,
    answered,
    ring,
    answer,
    refuse,
    hangUp,
  };
}

const noTcp = (address: string): TwirpError =>
  relayed('failed_precondition', `transport<TCP> dial err=dial tcp ${address}: connect: connection refused`);
