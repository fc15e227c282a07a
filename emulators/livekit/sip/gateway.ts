import { Empty } from '@bufbuild/protobuf';
import {
  SIPParticipantInfo,
  type CreateSIPParticipantRequest,
  type TransferSIPParticipantRequest,
} from '@livekit/protocol';
import type { Journal } from '../../kit/journal.ts';
import type { Settings } from '../../kit/settings.ts';
import type { Phone } from '../../phone/types.ts';
import type { Cast } from '../cast.ts';
import { need, needAdminOf, type Rights } from '../rights.ts';
import type { RealServer } from '../server.ts';
import type { LiveKitFrontSettings } from '../settings.ts';
import { invalidArgument } from '../twirp.ts';
import { startCall, type OutboundCall } from './call.ts';
import { readOutgoing } from './request.ts';
import { createTransfers } from './transfer.ts';

/** The emulated livekit-sip, as LiveKit's API reaches it. */
export interface Gateway {
  createParticipant(request: CreateSIPParticipantRequest, rights: Rights): Promise<SIPParticipantInfo>;
  transferParticipant(request: TransferSIPParticipantRequest, rights: Rights): Promise<Empty>;
  /** Calls out, newest last, ended ones too. */
  calls(): readonly OutboundCall[];
  /** The first call to this number that was not asked for before, past or to come; of any number unless told. */
  called(number?: string): Promise<OutboundCall>;
  /** A call that came in by this telephone: a transfer ends it as the gateway would. */
  adopt(phone: Phone): void;
}

const mostKept = 1000;

export function createGateway(parts: {
  readonly cast: Cast;
  readonly server: RealServer;
  readonly journal: Journal;
  readonly settings: Settings<LiveKitFrontSettings>;
}): Gateway {
  const { cast, server, journal, settings } = parts;
  const calls: OutboundCall[] = [];
  const asked = new WeakSet<OutboundCall>();
  const waiting: { readonly number: string | undefined; readonly take: (call: OutboundCall) => void }[] = [];
  const adopted = new Map<string, Phone>();
  const transfers = createTransfers({ server, journal, settings, hangUp, isRinging, onEnd });

  const callOf = (callId: string) => calls.find((call) => call.callId === callId);

  function isRinging(callId: string): boolean {
    const status = callOf(callId)?.status;
    return status === 'dialing' || status === 'ringing';
  }

  function onEnd(callId: string, run: () => void): () => void {
    const phone = adopted.get(callId) ?? callOf(callId)?.phone;
    return phone?.onEvent(({ type }) => void (type === 'ended' && run())) ?? (() => undefined);
  }

  /** Ends the call of this id; false when it is none that is known here. */
  async function hangUp(callId: string): Promise<boolean> {
    const phone = adopted.get(callId) ?? callOf(callId);
    await phone?.hangUp();
    return phone !== undefined;
  }

  function keep(call: OutboundCall): void {
    calls.push(call);
    if (calls.length > mostKept) calls.shift();
    const at = waiting.findIndex((one) => fits(call, one.number));
    if (at < 0) return;
    asked.add(call);
    waiting.splice(at, 1)[0]!.take(call);
  }

  return {
    async createParticipant(request, rights) {
      need(rights, 'sip.call');
      const outgoing = await readOutgoing(request, server);
      const callee = settings.values.callees[outgoing.number] ?? settings.values.callee;
      const call = await startCall({ cast, journal, outgoing, callee });
      keep(call);
      if (request.waitUntilAnswered) await call.answered;
      const { sid: participantId, identity: participantIdentity } = call.phone;
      return new SIPParticipantInfo({
        participantId,
        participantIdentity,
        roomName: outgoing.room,
        sipCallId: call.callId,
      });
    },
    async transferParticipant(request, rights) {
      if (!request.roomName) throw invalidArgument('Missing room name');
      if (!request.participantIdentity) throw invalidArgument('Missing participant identity');
      need(rights, 'sip.call');
      needAdminOf(rights, request.roomName);
      await transfers.refer(request);
      return new Empty();
    },
    calls: () => calls,
    called(number) {
      const past = calls.find((call) => fits(call, number) && !asked.has(call));
      if (!past) return new Promise((take) => void waiting.push({ number, take }));
      asked.add(past);
      return Promise.resolve(past);
    },
    adopt(phone) {
      adopted.set(phone.callId, phone);
      phone.onEvent(({ type }) => type === 'ended' && adopted.delete(phone.callId));
    },
  };
}

const fits = (call: OutboundCall, number: string | undefined): boolean =>
  number === undefined || call.outgoing.number === number;
