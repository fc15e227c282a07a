import type { TransferSIPParticipantRequest } from '@livekit/protocol';
import type { Journal } from '../../kit/journal.ts';
import type { Settings } from '../../kit/settings.ts';
import type { RealServer } from '../server.ts';
import type { LiveKitFrontSettings, Transfer } from '../settings.ts';
import { invalidArgument, relayed, TwirpError } from '../twirp.ts';
import { msOf } from './request.ts';
import { sipError } from './status.ts';

/** The gateway lets the phone hang up first, and then does it itself. */
const byeAfterMs = 1000;
const defaultLimitMs = 30_000;

interface Pending {
  readonly target: string;
  readonly done: Promise<void>;
}

/** REFERs to the far end of calls. */
export function createTransfers(parts: {
  readonly server: RealServer;
  readonly journal: Journal;
  readonly settings: Settings<LiveKitFrontSettings>;
  /** Ends the call of this id; false when nobody here holds it. */
  readonly hangUp: (callId: string) => Promise<boolean>;
  /** The call of this id rings still. */
  readonly isRinging: (callId: string) => boolean;
  /** Runs when the call of this id, if it is held here, has ended. Returns the end of waiting. */
  readonly onEnd: (callId: string, run: () => void) => () => void;
}) {
  const { server, journal, settings, hangUp, isRinging, onEnd } = parts;
  const pending = new Map<string, Pending>();

  function start(callId: string, target: string, request: TransferSIPParticipantRequest): Pending {
    const { roomName, participantIdentity, headers } = request;
    const plan = settings.values.transfers[target] ?? settings.values.transfer;
    const limitMs = msOf(request.ringingTimeout) || defaultLimitMs;
    journal.note('transfer.referred', { call: callId, target, headers });
    const over = new AbortController();
    const unwatch = onEnd(callId, () => over.abort());
    const run = async () => {
      try {
        await outcomeOf(isRinging(callId) ? { ...plan, does: 'nothing' } : plan, limitMs, over.signal);
      } catch (error) {
        journal.note('transfer.failed', { call: callId, target, error: String(error) });
        throw error;
      } finally {
        unwatch();
        pending.delete(callId);
      }
      journal.note('transfer.accepted', { call: callId, target });
      setTimeout(() => void bye(callId, roomName, participantIdentity), plan.hangUpAfterMs ?? byeAfterMs);
    };
    const done = run();
    done.catch(() => undefined);
    return { target, done };
  }

  /** A leg that nobody here holds is removed, so that at least it is gone. */
  async function bye(callId: string, room: string, identity: string): Promise<void> {
    try {
      if (await hangUp(callId)) return;
      await server.tell(room, identity, { attributes: { 'sip.callStatus': 'hangup' } });
      await server.remove(room, identity);
    } catch {
      // Gone meanwhile.
    }
  }

  return {
    /** Resolves on the NOTIFY 200; throws the API's error. */
    async refer(request: TransferSIPParticipantRequest): Promise<void> {
      const target = targetOf(request.transferTo);
      const { attributes } = await server.participant(request.roomName, request.participantIdentity);
      const callId = attributes['sip.callID'];
      if (callId === undefined) throw invalidArgument('no SIP session associated with participant');
      const running = pending.get(callId) ?? start(callId, target, request);
      if (running.target !== target) throw invalidArgument('call already being transferred elsewhere');
      pending.set(callId, running);
      await running.done;
    },
  };
}

/** Without the brackets that a URI may stand in. Throws a `TwirpError`. */
function targetOf(transferTo: string): string {
  if (!transferTo) throw new TwirpError('invalid_argument', 'missing transfer to');
  const target = /^<(.*)>$/.exec(transferTo)?.[1] ?? transferTo;
  if (/^(sips?|tel):/.test(target)) return target;
  throw new TwirpError('invalid_argument', 'transfer_to must be a valid SIP(s) or TEL URI (sip:, sips: or tel:)');
}

/** A call that ends once its REFER was accepted counts as transferred; one that rings takes none. */
async function outcomeOf({ does, status, reason, afterMs }: Transfer, limitMs: number, over: AbortSignal) {
  const dueMs = does === 'nothing' ? limitMs : afterMs;
  await sleep(Math.min(dueMs, limitMs), does === 'refuse' ? undefined : over);
  if (over.aborted && does !== 'refuse') return;
  if (dueMs >= limitMs) throw relayed('deadline_exceeded', 'request timed out');
  if (does === 'refuse') throw sipError('', status ?? 603, reason);
  if (does === 'fail') throw sipError('call transfer failed: ', status ?? 486, reason);
}

const sleep = (delayMs: number, until?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    until?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
