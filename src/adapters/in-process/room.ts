import type { Ear } from '../../actors/ear.ts';
import type { Player } from '../../actors/player.ts';
import type { Room, RoomFact } from '../../actors/room.ts';
import type { Clock } from '../../clock.ts';
import { failureOf } from '../classify.ts';
import { type CallerBinding, createCallerBinding, type Participant } from '../line/caller-binding.ts';
import { unsendableDigits } from '../line/digits.ts';
import { createEarHub } from '../line/ear-hub.ts';
import { createPacedPlayer } from '../line/paced-player.ts';
import { createMediaPath } from './media.ts';

/** Who phones in. A SIP leg has a `callId` and begins `ringing`; without one it is a participant with role caller. */
export interface InProcessCaller {
  readonly identity: string;
  readonly callId?: string;
  readonly phone?: string;
  readonly trunkPhone?: string;
}

/** One participant's own end of the room. */
export interface CallerEnd {
  /** `sip.callStatus: active`. */
  answer(): void;
  /** The other party hung up: status `hangup`, then it leaves. */
  hangUp(): void;
  leave(reason?: string): void;
  /** The same caller with a new SID, as after a reconnect; the status it had is kept. */
  rejoin(): void;
  /** 16 kHz PCM of any length, heard by the agent in real time; not heard unless this is the bound caller. */
  speak(pcm: Int16Array): void;
  /** What the agent's track brings, 20 ms at a time, silence included. Returns the end of it. */
  hear(listener: (frame: Int16Array) => void): () => void;
  digit(digit: string): void;
  /** DTMF from the agent so far. */
  digitsHeard(): string;
  /** Still in the room? False once removed, or when the room was deleted. */
  isPresent(): boolean;
}

/** What can befall the agent's own connection. Each works only while joined. */
export interface NetworkEnd {
  /** Sound stops both ways and the agent is told that the link is reconnecting. */
  drop(): void;
  restore(): void;
  /** The SDK gave up. */
  fail(): void;
  fence(reason?: string): void;
  /** The room was deleted or closed by somebody else. */
  close(reason?: string): void;
  /** The next joins fail until told otherwise. */
  refuseJoins(refuse: boolean): void;
}

export interface InProcessRoom {
  readonly room: Room;
  readonly ear: Ear;
  readonly player: Player;
  /** The outside world's side: phones and their network. */
  call(caller: InProcessCaller): CallerEnd;
  readonly network: NetworkEnd;
  /** What the agent shows of itself (`lk.agent.state`). */
  shownState(): string | undefined;
}

export interface InProcessRoomOptions {
  readonly clock: Clock;
  /** `sip.callID` or identity of the one caller to serve; default: the first that comes. */
  readonly callerKey?: string;
  /** From leaving the agent to the caller's ear. Default 60. */
  readonly transitMs?: number;
  /** From `join` to `line.joined`. Default 50. */
  readonly joinMs?: number;
  /** Silence is heard at neither end. */
  readonly leavesOutSilence?: boolean;
}

interface Joined {
  readonly report: (fact: RoomFact) => void;
  readonly binding: CallerBinding;
  linkUp: boolean;
}

/** A room, ear and player without a network: for virtual time, and for the demo where no livekit-server can be had. */
export function createInProcessRoom(options: InProcessRoomOptions): InProcessRoom {
  const { clock, transitMs = 60, joinMs = 50 } = options;
  const hub = createEarHub();
  const paced = createPacedPlayer({ clock, transitMs });
  const people = new Map<string, { readonly participant: Participant; readonly removed: () => void }>();
  const listeners = new Map<string, Set<(frame: Int16Array) => void>>();
  const digits = new Map<string, string>();
  let key = options.callerKey;
  let joined: Joined | undefined;
  let refusing = false;
  let shown: string | undefined;
  let sids = 0;

  const path = createMediaPath({
    clock,
    transitMs,
    leavesOutSilence: options.leavesOutSilence ?? false,
    toCaller: (frame) => {
      for (const { participant } of people.values())
        listeners.get(participant.identity)?.forEach((hear) => hear(frame.slice()));
    },
    toAgent: (frame) => {
      const caller = [...people.values()].some(({ participant }) => joined?.binding.isCaller(participant.sid));
      if (caller) hub.push(frame);
    },
  });

  function leaveRoom(last?: RoomFact): void {
    const mine = joined;
    if (!mine) return;
    joined = undefined;
    paced.detach();
    path.stop();
    if (last) mine.report(last);
  }

  function enter(report: (fact: RoomFact) => void): void {
    if (refusing) {
      const failure = failureOf('network', { vendor: 'in-process', phase: 'connect', message: 'joins are refused' });
      return report({ type: 'line.failed', failure });
    }
    const note = (fact: RoomFact) => {
      if (fact.type === 'caller.joined') key = fact.caller.callerKey;
      report(fact);
    };
    const binding = createCallerBinding({ callerKey: key, remove, report: note });
    joined = { report, binding, linkUp: true };
    path.start();
    paced.attach(path.sink);
    report({ type: 'line.joined' });
    for (const { participant } of people.values()) binding.seen(participant);
  }

  function remove(identity: string): void {
    const person = people.get(identity);
    if (!person) return;
    people.delete(identity);
    person.removed();
    if (joined?.linkUp) joined.binding.left(person.participant.sid, 'PARTICIPANT_REMOVED');
  }

  const room: Room = {
    join({ signal }, report) {
      const muted = (fact: RoomFact) => {
        if (!signal.aborted) report(fact);
      };
      if (signal.aborted) return;
      leaveRoom();
      const timer = clock.setTimeout(() => enter(muted), joinMs);
      signal.addEventListener('abort', () => {
        clock.clearTimeout(timer);
        if (joined?.report === muted) leaveRoom();
      });
    },
    async sendDigits(keys) {
      const unsendable = unsendableDigits(keys, 'in-process');
      if (unsendable) return unsendable;
      if (!joined?.linkUp)
        return failureOf('network', { vendor: 'in-process', phase: 'stream', message: 'not in the room' });
      for (const identity of people.keys()) digits.set(identity, (digits.get(identity) ?? '') + keys);
      return undefined;
    },
    showState: (state) => void (shown = state),
    async hangUp() {
      for (const { removed } of people.values()) removed();
      people.clear();
      leaveRoom({ type: 'line.closed', reason: 'ROOM_DELETED' });
      return undefined;
    },
  };

  function call(caller: InProcessCaller): CallerEnd {
    const { identity } = caller;
    let present = false;
    let status = 'ringing';
    let sid = '';
    const publish = () => {
      const participant = { identity, sid, kind: kindOf(caller), attributes: attributesOf(caller, status) };
      people.set(identity, { participant, removed: () => void (present = false) });
      if (joined?.linkUp) joined.binding.seen(participant);
    };
    const enterRoom = () => {
      sids += 1;
      sid = `PA_${sids}`;
      present = true;
      publish();
    };
    const setStatus = (next: string) => {
      status = next;
      if (present) publish();
    };
    const leave = (reason = 'CLIENT_INITIATED') => {
      if (!present) return;
      present = false;
      people.delete(identity);
      if (joined?.linkUp) joined.binding.left(sid, reason);
    };
    enterRoom();
    return {
      answer: () => setStatus('active'),
      hangUp() {
        setStatus('hangup');
        leave();
      },
      leave,
      rejoin() {
        leave();
        enterRoom();
      },
      speak(pcm) {
        if (present && joined?.linkUp && joined.binding.isCaller(sid)) path.speak(pcm);
      },
      hear(listener) {
        const mine = listeners.get(identity) ?? new Set();
        listeners.set(identity, mine.add(listener));
        return () => void mine.delete(listener);
      },
      digit(digit) {
        if (present && joined?.linkUp && joined.binding.isCaller(sid)) joined.report({ type: 'caller.digit', digit });
      },
      digitsHeard: () => digits.get(identity) ?? '',
      isPresent: () => present,
    };
  }

  const network: NetworkEnd = {
    drop() {
      if (!joined?.linkUp) return;
      joined.linkUp = false;
      paced.detach();
      path.stop();
      joined.report({ type: 'line.reconnecting' });
    },
    restore() {
      if (!joined || joined.linkUp) return;
      joined.linkUp = true;
      path.start();
      paced.attach(path.sink);
      joined.report({ type: 'line.reconnected' });
      joined.binding.reconcile([...people.values()].map(({ participant }) => participant));
    },
    fail() {
      const failure = failureOf('network', { vendor: 'in-process', phase: 'stream', message: 'the link was lost' });
      leaveRoom({ type: 'line.failed', failure });
    },
    fence: (reason = 'DUPLICATE_IDENTITY') => leaveRoom({ type: 'line.fenced', reason }),
    close: (reason = 'ROOM_DELETED') => leaveRoom({ type: 'line.closed', reason }),
    refuseJoins: (refuse) => void (refusing = refuse),
  };

  return { room, ear: hub.ear, player: paced.player, call, network, shownState: () => shown };
}

const kindOf = ({ callId }: InProcessCaller): Participant['kind'] => (callId === undefined ? 'standard' : 'sip');

function attributesOf({ callId, phone, trunkPhone }: InProcessCaller, status: string): Record<string, string> {
  if (callId === undefined) return { 'voicechart.role': 'caller' };
  return {
    'sip.callID': callId,
    'sip.callStatus': status,
    ...(phone === undefined ? {} : { 'sip.phoneNumber': phone }),
    ...(trunkPhone === undefined ? {} : { 'sip.trunkPhoneNumber': trunkPhone }),
  };
}
