import type { RoomFact } from '../../actors/room.ts';
import type { Clock } from '../../clock.ts';
import type { ConnectionQuality } from '../../runtime/line-look.ts';
import { withPatience } from '../../runtime/pause.ts';
import { type CallerBinding, createCallerBinding, type Participant } from '../line/caller-binding.ts';
import type { PacedPlayer } from '../line/paced-player.ts';
import { rivalOf } from '../line/rivals.ts';
import { disconnectedFact, joinFailure } from './failures.ts';
import { createInlet, type Inlet } from './inlet.ts';
import { listened } from './listened.ts';
import { createOutlet, type Outlet } from './outlet.ts';
import { type Pulse, watchPulse } from './pulse.ts';
import { loadRtc, type RemoteParticipant, type Rtc, type RtcRoom } from './rtc.ts';

export interface SessionOptions {
  readonly url: string;
  readonly clock: Clock;
  /** Our own, to tell other owners of the call by. */
  readonly identity: string;
  readonly token: () => Promise<string>;
  readonly callerKey?: string | undefined;
  readonly paced: PacedPlayer;
  readonly hear: (frame: Int16Array) => void;
  /** Asked when it is to leave: whether the call's next owner comes, and puts us out. */
  readonly awaitsNext: () => boolean;
  /** Puts a participant out of the room; must not reject. */
  readonly remove: (identity: string) => void;
  /** Told what LiveKit thinks of a connection; must not throw. */
  readonly judged: (side: 'agent' | 'caller', quality: ConnectionQuality) => void;
  readonly signal: AbortSignal;
  readonly report: (fact: RoomFact) => void;
}

/** One connection to the room, from `join` to its last fact. */
export interface Session {
  /** The connected room, while the link is up. */
  room(): RtcRoom | undefined;
  /** Everything native has been let go. */
  readonly ended: Promise<void>;
}

export function openSession(options: SessionOptions): Session {
  const { signal } = options;
  let over = false;
  let live: Live | undefined;
  const report = (fact: RoomFact) => {
    if (!signal.aborted && !over) options.report(fact);
  };
  /** Reports the last fact. */
  const finish = (fact: RoomFact) => {
    report(fact);
    over = true;
    live?.silence();
  };

  async function run(): Promise<void> {
    const rtc = await loadRtc();
    const token = await options.token();
    if (signal.aborted) return;
    live = createLive(rtc, options, report, finish);
    signal.addEventListener('abort', live.silence);
    try {
      await live.connect(token, () => signal.aborted || over);
      if (!signal.aborted && !over) await live.closed;
    } finally {
      await live.release();
    }
  }

  const ended = run().catch((error: unknown) => finish({ type: 'line.failed', failure: joinFailure(error) }));
  return { room: () => (over || signal.aborted ? undefined : live?.connectedRoom()), ended };
}

const leftWithinMs = 2000;
const nextWithinMs = 1500;

interface Live {
  connect(token: string, isOver: () => boolean): Promise<void>;
  /** Resolves when this connection is to be let go. */
  readonly closed: Promise<void>;
  connectedRoom(): RtcRoom | undefined;
  /** Stops sound both ways, at once. */
  silence(): void;
  release(): Promise<void>;
}

function createLive(
  rtc: Rtc,
  options: SessionOptions,
  report: (fact: RoomFact) => void,
  finish: (fact: RoomFact) => void,
): Live {
  const { clock, paced } = options;
  const room = new rtc.Room();
  const outlet: Outlet = createOutlet(rtc);
  let soundAt: number | undefined;
  const inlet: Inlet = createInlet(rtc, (frame) => {
    if (frame.some((sample) => sample !== 0)) soundAt = clock.now();
    options.hear(frame);
  });
  const binding: CallerBinding = createCallerBinding({ callerKey: options.callerKey, remove: options.remove, report });
  const gone = Promise.withResolvers<void>();
  const putOut = Promise.withResolvers<void>();
  let linkUp = false;
  let hasListener = false;
  let pulse: Pulse | undefined;

  const plain = (participant: RemoteParticipant): Participant => ({
    identity: participant.identity,
    sid: participant.sid ?? '',
    kind: kindOf(rtc, participant),
    attributes: participant.attributes,
  });

  function attach(): void {
    linkUp = true;
    if (hasListener) paced.attach(outlet.sink);
  }

  /** A caller who was here before us has our track only now; what is to be said may have waited for it. */
  function speak(): void {
    hasListener = true;
    if (linkUp) paced.attach(outlet.sink);
  }

  function detach(aliveAt?: number): void {
    if (linkUp) paced.detach(aliveAt);
    linkUp = false;
  }

  function breaks(aliveAt?: number): void {
    detach(aliveAt);
    report({ type: 'line.reconnecting' });
  }

  /** As long as the library itself holds the link for whole. */
  function feelPulse(): void {
    pulse?.stop();
    pulse = watchPulse({ clock, room, soundAt: () => soundAt, lost: breaks, found: comesBack });
  }

  function comesBack(): void {
    attach();
    report({ type: 'line.reconnected' });
    reconcile();
  }

  /** Reads the caller's newest audio track, whenever anything about either may have changed. */
  function hearCaller(): void {
    for (const participant of room.remoteParticipants.values()) {
      if (!binding.isCaller(participant.sid ?? '')) continue;
      const tracks = [...participant.trackPublications.values()].map(({ track }) => track);
      const track = tracks.findLast((candidate) => candidate?.kind === rtc.TrackKind.KIND_AUDIO);
      if (track) inlet.read(track as Parameters<Inlet['read']>[0]);
    }
  }

  /** Another owner of this call: of two, the one with the higher epoch stays. True when that is the other. */
  function yieldsTo({ kind, identity }: RemoteParticipant): boolean {
    const rival = kind === rtc.ParticipantKind.AGENT ? rivalOf(options.identity, identity) : undefined;
    if (rival === 'older') options.remove(identity);
    if (rival !== 'newer') return false;
    detach();
    finish({ type: 'line.fenced', reason: `${identity} has taken over` });
    gone.resolve();
    return true;
  }

  function see(participant: RemoteParticipant): void {
    if (!linkUp) return;
    if (yieldsTo(participant)) return;
    binding.seen(plain(participant));
    hearCaller();
  }

  function reconcile(): void {
    const present = [...room.remoteParticipants.values()];
    if (present.some(yieldsTo)) return;
    binding.reconcile(present.map(plain));
    hearCaller();
  }

  room
    .on(rtc.RoomEvent.ParticipantConnected, see)
    .on(rtc.RoomEvent.ParticipantAttributesChanged, (_changed, { identity }) => {
      const participant = room.remoteParticipants.get(identity);
      if (participant) see(participant);
    })
    .on(rtc.RoomEvent.ParticipantDisconnected, (participant) => {
      // While our own link is down everybody seems to leave; who did is seen afterwards.
      if (linkUp) binding.left(participant.sid ?? '', reasonOf(rtc, participant.disconnectReason));
    })
    .on(rtc.RoomEvent.TrackSubscribed, hearCaller)
    .on(rtc.RoomEvent.DtmfReceived, (_code, digit, participant) => {
      if (linkUp && binding.isCaller(participant?.sid ?? '')) report({ type: 'caller.digit', digit });
    })
    .on(rtc.RoomEvent.ConnectionQualityChanged, (quality, { sid, identity }) => {
      if (identity === options.identity) options.judged('agent', qualities[quality]);
      else if (binding.isCaller(sid ?? '')) options.judged('caller', qualities[quality]);
    })
    .on(rtc.RoomEvent.Reconnecting, () => {
      pulse?.stop();
      if (linkUp) breaks();
    })
    .on(rtc.RoomEvent.Reconnected, () => {
      if (options.signal.aborted) return;
      comesBack();
      feelPulse();
    })
    .on(rtc.RoomEvent.Disconnected, (reason) => {
      detach();
      finish(disconnectedFact(reasonOf(rtc, reason)));
      gone.resolve();
      putOut.resolve();
    });

  return {
    async connect(token, isOver) {
      await room.connect(options.url, token, { autoSubscribe: true, dynacast: false });
      if (isOver() || !room.localParticipant) return;
      const publish = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
      const publication = await room.localParticipant.publishTrack(outlet.track, publish);
      if (isOver()) return;
      attach();
      void listened(publication, clock).then(speak);
      feelPulse();
      report({ type: 'line.joined' });
      // Who is there already raises no event.
      reconcile();
    },
    closed: gone.promise,
    connectedRoom: () => (linkUp ? room : undefined),
    silence() {
      pulse?.stop();
      detach();
      inlet.stop();
      gone.resolve();
    },
    async release() {
      this.silence();
      if (room.isConnected && options.awaitsNext()) await withPatience(putOut.promise, clock, nextWithinMs);
      // Of a server that dies meanwhile the library may never hear that we have left it.
      await withPatience(
        room.disconnect().catch(() => undefined),
        clock,
        leftWithinMs,
      );
      await withPatience(outlet.close(), clock, leftWithinMs);
    },
  };
}

/** By LiveKit's numbers for them. */
const qualities = ['poor', 'good', 'excellent', 'lost'] as const;

function kindOf(rtc: Rtc, { kind }: RemoteParticipant): Participant['kind'] {
  if (kind === rtc.ParticipantKind.SIP) return 'sip';
  return kind === rtc.ParticipantKind.STANDARD ? 'standard' : 'other';
}

const reasonOf = (rtc: Rtc, reason: number | undefined): string =>
  rtc.DisconnectReason[reason ?? 0] ?? 'UNKNOWN_REASON';
