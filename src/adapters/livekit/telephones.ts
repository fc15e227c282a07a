import type { DialFailure, Dialer, NotReached } from '../../actors/dialer.ts';
import { legAttribute } from '../../actors/dialer.ts';
import type { Transfer } from '../../actors/transfer.ts';
import type { ControlError } from '../../runtime/control-error.ts';
import type { Rooms } from '../../runtime/rooms.ts';
import type { LivekitApi } from './api/api.ts';

export interface TelephonesOptions {
  readonly api: Pick<LivekitApi, 'sip'>;
  readonly rooms: Pick<Rooms, 'participants'>;
  /** Name or id of the outbound trunk to call over; left out: nobody is called. */
  readonly trunk?: string | undefined;
}

/** How long LiveKit's answer may take after the ringing has ended. */
const answerSlackSeconds = 4;

/** For what a call may take beyond its time: it is put through, and says goodbye. */
const goodbyeSeconds = 120;

/** Other telephones, over the SIP service of a real LiveKit. */
export function createLivekitTelephones(options: TelephonesOptions): {
  readonly dialer: Dialer;
  readonly transfer: Transfer;
} {
  const { api, rooms } = options;
  return {
    dialer: {
      async dial({ room, callerKey, to, from, ringMs, maxCallMs }, { signal }) {
        try {
          const trunk = await trunkFor(options, from);
          if ('result' in trunk) return trunk;
          if (signal.aborted) return failed('not dialled: its call has ended meanwhile');
          await api.sip.createSipParticipant(trunk.id, to, room, {
            ...(from !== undefined && { fromNumber: from }),
            participantIdentity: `sip_${to}`,
            participantName: `Phone ${to}`,
            participantAttributes: { [legAttribute]: callerKey },
            waitUntilAnswered: true,
            maxCallDuration: Math.ceil((ringMs + maxCallMs) / 1000) + goodbyeSeconds,
            ...waitFor(ringMs),
          });
          return { result: 'answered' };
        } catch (error) {
          return notReached(error as ControlError, 'no_answer');
        }
      },
      async find({ room, callerKey }) {
        try {
          const present = await rooms.participants(room);
          const isLeg = present.some(
            ({ kind, attributes }) => kind === 'sip' && attributes[legAttribute] === callerKey,
          );
          return isLeg ? 'there' : 'nowhere';
        } catch (error) {
          const { code, failure } = error as ControlError;
          return code === 'not_found' ? 'nowhere' : failure;
        }
      },
    },
    transfer: {
      async refer({ room, identity }, to, { ringMs }) {
        try {
          await api.sip.transferSipParticipant(room, identity, to, waitFor(ringMs));
          return { result: 'done' };
        } catch (error) {
          return notReached(error as ControlError, 'unknown');
        }
      },
    },
  };
}

const waitFor = (ringMs: number) => ({
  ringingTimeout: ringMs / 1000,
  timeout: ringMs / 1000 + answerSlackSeconds,
});

const failed = (message: string): DialFailure => ({ result: 'failed', message });

/** The trunk as it is now: it may have been made anew since the last call. */
async function trunkFor(
  { api, trunk }: TelephonesOptions,
  from: string | undefined,
): Promise<{ readonly id: string } | DialFailure> {
  if (trunk === undefined) return failed('there is no trunk to call over: OUTBOUND_TRUNK is not set');
  const found = (await api.sip.listSipOutboundTrunk()).find((each) => each.sipTrunkId === trunk || each.name === trunk);
  if (!found) return failed(`LiveKit has no outbound trunk ${trunk}`);
  if (from !== undefined && !found.numbers.includes(from) && !found.numbers.includes('*'))
    return failed(`the trunk ${trunk} calls from ${found.numbers.join(', ')} only`);
  return { id: found.sipTrunkId };
}

/** What the other side answers, by its number (RFC 3261 §21). */
const bySipStatus: Readonly<Record<number, NotReached>> = {
  403: 'rejected',
  404: 'unreachable',
  408: 'no_answer',
  410: 'unreachable',
  480: 'unreachable',
  484: 'unreachable',
  486: 'busy',
  487: 'no_answer',
  600: 'busy',
  603: 'rejected',
  604: 'unreachable',
  607: 'rejected',
  608: 'rejected',
};

/** `canceled`: a telephone that is called rang until the time was over; a REFER has got no answer, and may have been followed. */
function notReached({ code, failure, maybeDone }: ControlError, canceled: NotReached): DialFailure {
  const { message, vendorCode } = failure;
  if (code === 'sip') {
    const sipStatus = Number(vendorCode);
    return { result: bySipStatus[sipStatus] ?? 'failed', sipStatus, message };
  }
  if (vendorCode === 'canceled') return { result: canceled, message };
  // Whoever answers nothing in time may go on with it; `unavailable` is LiveKit's own word that no gateway has taken it.
  const isBegun = maybeDone && vendorCode !== 'unavailable';
  return { result: isBegun ? 'unknown' : 'failed', message };
}
