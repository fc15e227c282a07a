import { legAttribute } from '../actors/dialer.ts';
import type { Participants } from '../actors/participants.ts';
import { type Caller, callerKeyOf, isCallersRole } from '../actors/room.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import { callKeyOf } from './call-key.ts';
import type { CallQueue } from './call-queue.ts';
import type { CallFact, CallStore } from './call-store.ts';
import type { EgressBook } from './egress-book.ts';
import type { RoomGate } from './room-admission.ts';
import { isEgressWebhook, isParticipantWebhook, isRoomFinished } from './livekit-webhook.ts';
import type { LivekitWebhook, ParticipantWebhook, RoomWebhook, WebhookParticipant } from './livekit-webhook.ts';

/**
 * What became of a webhook. `ignored`: no call of ours; `ended`: of a call that is over; `full`: too many calls wait, nothing
 * may be concluded, send it again; `refused`: there is no place for another call, and the caller was put out.
 */
export type IntakeOutcome = 'stored' | 'duplicate' | 'ended' | 'ignored' | 'full' | 'refused';

export interface Intake {
  /** Takes in one verified webhook; resolves when what it says is stored, rejects when it could not be. Safe to repeat. */
  receive(webhook: LivekitWebhook): Promise<IntakeOutcome>;
}

interface IntakeOptions {
  readonly store: Pick<CallStore, 'ingest' | 'openIn'>;
  readonly queue: Pick<CallQueue, 'enqueue'>;
  /** Puts out who was called by a call that is over, and whom there is no place for. */
  readonly participants: Participants;
  /** Told of every egress: it knows which are ours. */
  readonly egresses?: Pick<EgressBook, 'told'>;
  /** Asked of each caller who begins a call; left out: all may. */
  readonly gate?: RoomGate;
  /** Told of somebody who was to be put out and could not be: while he is listed he is found again (`reconciler.ts`). */
  readonly notPutOut?: (room: string, failure: Failure) => void;
  /** Told whom there was no place for, and why. */
  readonly refused?: (callKey: string, why: string) => void;
  readonly roomPrefix: string;
  readonly clock: Pick<Clock, 'now'>;
}

const wantedAgent = 'voicechart.agent';
/** Of more the first are forgotten, and asked about again. */
const mostLetIn = 1_000;

/** Turns what LiveKit tells into mail for calls: only rooms with our prefix, and in them only callers. */
export function createIntake(options: IntakeOptions): Intake {
  const { store, queue, participants, egresses, gate, refused, notPutOut, roomPrefix, clock } = options;
  /** Legs, by call and SID. LiveKit tells of them again and again while the store takes nothing in: they call once. */
  const letIn = new Set<string>();
  const ingest = (id: string, callKey: string, fact: CallFact) => store.ingest({ id, callKey, at: clock.now(), fact });

  const joined = async ({ room, participant }: ParticipantWebhook): Promise<IntakeOutcome> => {
    const caller = callerOf(participant);
    const callKey = callKeyOf(room.name, caller.callerKey);
    if (await isTurnedAway(callKey, room.name, caller)) return 'refused';
    const outcome = await ingest(`joined:${caller.sid}`, callKey, {
      type: 'door.caller_joined',
      room: room.name,
      caller,
    });
    if (outcome === 'ended') return outcome;
    // Also for a duplicate: the process may have died, or been full, between storing and asking.
    return (await queue.enqueue(callKey)) === 'full' ? 'full' : outcome;
  };

  /** A gateway that still rings tells its caller that we are busy (486). Who is in a call already is no question. */
  const isTurnedAway = async (callKey: string, room: string, caller: Caller): Promise<boolean> => {
    const leg = `${callKey} ${caller.sid}`;
    if (!gate || letIn.has(leg) || (await store.openIn(room)).includes(callKey)) return false;
    const why = await gate(room, caller);
    if (why === undefined) {
      remember(letIn, leg);
      return false;
    }
    refused?.(callKey, why);
    putOut({ room, identity: caller.identity });
    return true;
  };

  /** LiveKit may take seconds for it, and holds back everything else of the room until it has its answer. */
  const putOut = (who: { readonly room: string; readonly identity: string }): void =>
    void participants.remove(who).then((failure) => failure && notPutOut?.(who.room, failure));

  /** Its call was there before it. One that comes after its call has ended would wait for nobody, and nobody would end it. */
  const legJoined = async ({ room, participant }: ParticipantWebhook): Promise<IntakeOutcome> => {
    const open = await store.openIn(room.name);
    if (open.includes(callKeyOf(room.name, callerOf(participant).callerKey))) return 'ignored';
    putOut({ room: room.name, identity: participant.identity });
    return 'ended';
  };

  const left = ({ room, participant }: ParticipantWebhook): Promise<IntakeOutcome> => {
    const reason = String(participant.disconnectReason ?? 'UNKNOWN_REASON').slice(0, 100);
    const callKey = callKeyOf(room.name, callerOf(participant).callerKey);
    return ingest(`left:${participant.sid}`, callKey, { type: 'door.caller_left', sid: participant.sid, reason });
  };

  const finished = async ({ id, room }: RoomWebhook): Promise<IntakeOutcome> => {
    const calls = await store.openIn(room.name);
    const name = room.sid === undefined ? id : `finished:${room.sid}`;
    const outcomes = await Promise.all(calls.map((callKey) => ingest(name, callKey, { type: 'door.room_finished' })));
    return outcomes.includes('stored') ? 'stored' : (outcomes[0] ?? 'ignored');
  };

  return {
    async receive(webhook) {
      if (isEgressWebhook(webhook)) return egresses?.told(webhook.egressInfo) ?? 'ignored';
      if (!isParticipantWebhook(webhook) && !isRoomFinished(webhook)) return 'ignored';
      if (!webhook.room.name.startsWith(roomPrefix)) return 'ignored';
      if (isRoomFinished(webhook)) return finished(webhook);
      if (!isCaller(webhook.participant)) return 'ignored';
      if (webhook.event === 'participant_left') return left(webhook);
      return isOurLeg(webhook.participant) ? legJoined(webhook) : joined(webhook);
    },
  };
}

function remember(all: Set<string>, leg: string): void {
  all.add(leg);
  const [first] = all;
  if (all.size > mostLetIn && first !== undefined) all.delete(first);
}

const isSip = ({ kind }: WebhookParticipant): boolean => kind === 'SIP' || kind === 3;

/** A telephone that we called. */
const isOurLeg = (participant: WebhookParticipant): boolean =>
  isSip(participant) && Boolean(participant.attributes?.[legAttribute]);

/** A phone, or somebody whose token says so. */
const isCaller = (participant: WebhookParticipant): boolean =>
  isSip(participant) || isCallersRole(participant.attributes ?? {});

function callerOf(participant: WebhookParticipant): Caller {
  const { sid, identity, attributes = {} } = participant;
  const phone = attributes['sip.phoneNumber'];
  const trunkPhone = attributes['sip.trunkPhoneNumber'];
  const trunk = attributes['sip.trunkID'];
  const agent = attributes[wantedAgent];
  return {
    identity,
    sid,
    kind: isSip(participant) ? 'sip' : 'standard',
    callerKey: callerKeyOf({ identity, isSip: isSip(participant), attributes }),
    ...(phone ? { phone } : {}),
    ...(trunkPhone ? { trunkPhone } : {}),
    ...(trunk ? { trunk } : {}),
    ...(agent ? { agent } : {}),
  };
}
