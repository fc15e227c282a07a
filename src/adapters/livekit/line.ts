import type { Ear } from '../../actors/ear.ts';
import type { Player } from '../../actors/player.ts';
import type { Room, RoomFact } from '../../actors/room.ts';
import type { TokenSigner } from '../../actors/token-signer.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { ControlError } from '../../runtime/control-error.ts';
import type { Look } from '../../runtime/line-look.ts';
import { withPatience } from '../../runtime/pause.ts';
import type { Rooms } from '../../runtime/rooms.ts';
import { dtmfCode, unsendableDigits } from '../line/digits.ts';
import { createEarHub } from '../line/ear-hub.ts';
import { createKeyQueue } from '../line/key-queue.ts';
import { createPacedPlayer } from '../line/paced-player.ts';
import { rejoiningAs } from '../line/rivals.ts';
import { joinFailure } from './failures.ts';
import { watchLine } from './line-watch.ts';
import type { RtcRoom } from './rtc.ts';
import { openSession, type Session } from './session.ts';
import { agentToken } from './token.ts';

export interface LivekitLineOptions {
  /** `ws(s)://` or `http(s)://` of the LiveKit server. */
  readonly url: string;
  /** Of the tokens to join with. */
  readonly signer: TokenSigner;
  /** Of the same server. */
  readonly rooms: Pick<Rooms, 'delete' | 'remove'>;
  readonly roomName: string;
  /** The agent's identity in the room (`agentIdentity`), at the first join. A second connection with it throws the first one out. */
  readonly identity: string;
  /** What user interfaces show. */
  readonly agentName: string;
  /** `sip.callID` or identity of the one caller to serve; default: the first that comes. */
  readonly callerKey?: string;
  readonly clock: Clock;
  /** From leaving our native queue to the caller's ear. Default 60. */
  readonly transitMs?: number;
  /** Told once a second how the line is, while it is joined. Must not throw. */
  readonly look: (seen: Look) => void;
}

export interface LivekitLine {
  readonly room: Room;
  readonly ear: Ear;
  readonly player: Player;
  /** When it leaves it stays, deaf and dumb, until the call's next owner is there and puts it out, so that its caller is not alone meanwhile. */
  awaitNext(): void;
  /** Leaves, and resolves when everything native has been let go, or that takes too long. */
  close(): Promise<void>;
}

/** Longer than a session takes that waits for the next owner, for LiveKit and for the library. */
const leftWithinMs = 8000;

/**
 * Room, ear and player of one call over a real LiveKit server. One caller is bound: a SIP leg, or a participant whose token says
 * `voicechart.role=caller`. Others are not listened to, and a SIP leg that nobody invited is removed from the room without a word.
 * Ear and player go on across joins; each join makes a token of its own.
 */
export function createLivekitLine(options: LivekitLineOptions): LivekitLine {
  const { url, rooms, roomName, clock, transitMs } = options;
  const hub = createEarHub();
  const paced = createPacedPlayer({ clock, ...(transitMs === undefined ? {} : { transitMs }) });
  const sessions = new Set<Session>();
  const pressKeys = createKeyQueue({
    clock,
    vendor: 'livekit',
    press: (key) => press(key, current?.room()),
    failureOf: (error) => ({ ...joinFailure(error), phase: 'stream' }),
  });
  const closing = new AbortController();
  const watch = watchLine({
    clock,
    room: () => current?.room(),
    outboundDb: paced.player.outboundDb,
    deadAirMs: hub.deadAirMs,
    look: options.look,
  });
  let current: Session | undefined;
  let joins = 0;
  let callerKey = options.callerKey;
  let nextComes = false;

  const state = createStateShow(() => current?.room());
  const remove = (identity: string) => void rooms.remove(roomName, identity).catch(() => undefined);

  function join({ signal }: { readonly signal: AbortSignal }, report: (fact: RoomFact) => void): void {
    if (signal.aborted || closing.signal.aborted) return;
    joins += 1;
    const identity = rejoiningAs(options.identity, joins);
    const session = openSession({
      url,
      clock,
      identity,
      token: () => agentToken({ ...options, identity }),
      callerKey,
      paced,
      hear: hub.push,
      awaitsNext: () => nextComes,
      remove,
      judged: watch.judged,
      signal: AbortSignal.any([signal, closing.signal]),
      report(fact) {
        if (fact.type === 'caller.joined') callerKey = fact.caller.callerKey;
        if (fact.type === 'line.joined') state.again();
        report(fact);
      },
    });
    current = session;
    sessions.add(session);
    void session.ended.then(() => sessions.delete(session));
  }

  async function hangUp(): Promise<Failure | undefined> {
    try {
      await rooms.delete(roomName);
      return undefined;
    } catch (error) {
      const { code, failure } = error as ControlError;
      return code === 'not_found' ? undefined : failure;
    }
  }

  return {
    room: {
      join,
      sendDigits: async (digits) => unsendableDigits(digits, 'livekit') ?? pressKeys(digits),
      showState: state.show,
      hangUp,
    },
    ear: hub.ear,
    player: paced.player,
    awaitNext: () => void (nextComes = true),
    async close() {
      watch.close();
      closing.abort();
      // A join that LiveKit never answers ends when the library gives it up.
      await withPatience(Promise.all([...sessions].map(({ ended }) => ended)), clock, leftWithinMs);
    },
  };
}

async function press(key: string, room: RtcRoom | undefined): Promise<void> {
  if (!room?.localParticipant) throw new Error('not in the room');
  await room.localParticipant.publishDtmf(dtmfCode(key) ?? 0, key);
}

/** Sets `lk.agent.state`, one at a time and always the newest: two under way may arrive in the wrong order. */
function createStateShow(room: () => RtcRoom | undefined) {
  let shown: string | undefined;
  let wanted: string | undefined;
  let setting = false;

  async function set(): Promise<void> {
    setting = true;
    while (wanted !== undefined) {
      const state = wanted;
      wanted = undefined;
      // oxlint-disable-next-line no-await-in-loop
      await room()?.localParticipant?.setAttributes({ 'lk.agent.state': state });
    }
  }

  function show(state: string | undefined): void {
    shown = wanted = state;
    if (setting || state === undefined) return;
    set()
      .catch(() => undefined)
      .finally(() => (setting = false));
  }
  /** A new join begins without it. */
  return { show, again: () => show(shown) };
}
