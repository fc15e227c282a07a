import type { Room, RoomFact } from '../../../../src/actors/room.ts';
import { inProcessTelephones } from '../../../../src/adapters/in-process/no-telephones.ts';
import { createEarHub } from '../../../../src/adapters/line/ear-hub.ts';
import { createPacedPlayer } from '../../../../src/adapters/line/paced-player.ts';
import { agentIdentity, rejoiningAs, rivalOf } from '../../../../src/adapters/line/rivals.ts';
import type { AudioSink } from '../../../../src/adapters/line/sink.ts';
import { frameMs, frameSamples, msOf } from '../../../../src/audio/pcm.ts';
import type { Clock } from '../../../../src/clock.ts';
import type { Line } from '../../../../src/wiring/call-parts.ts';
import type { FromOwner, ToOwner } from './messages.ts';

/** The way to the process in which the rooms are. */
export interface Rooms {
  readonly send: (message: FromOwner) => void;
  /** A number for another stay, and what is told of it. Returns the end of listening. */
  stay(hear: (message: ToOwner) => void): { readonly stay: number; readonly end: () => void };
  /** Called every 20 ms. Returns the end of it. */
  beat(each: () => void): () => void;
}

const last: readonly RoomFact['type'][] = ['line.failed', 'line.fenced', 'line.closed'];
const silence = new Int16Array(frameSamples);
/** Silence is handed on for a second after each voice, and not the rest of it: of 500 calls two cores could not listen to it. */
const silentFrames = 1_000 / frameMs;

/** A place in a room of another process, as `createLivekitLine` is one at a server: who stays beside us decides who goes. */
export function createRemoteLine(
  { send, stay, beat }: Rooms,
  { room: name, callerKey, epoch, clock }: { room: string; callerKey: string; epoch: number; clock: Clock },
): Line {
  const hub = createEarHub();
  const paced = createPacedPlayer({ clock });
  const leaves = new Set<() => void>();
  let joins = 0;

  function join({ signal }: { readonly signal: AbortSignal }, report: (fact: RoomFact) => void): void {
    if (signal.aborted) return;
    joins += 1;
    const identity = rejoiningAs(agentIdentity(callerKey, epoch), joins);
    const heard: Int16Array[] = [];
    const { stay: id, end } = stay(hear);
    let unbeat: (() => void) | undefined;
    let isOver = false;
    let quiet = 0;

    function leave(): void {
      if (isOver) return;
      isOver = true;
      leaves.delete(leave);
      unbeat?.();
      paced.detach();
      end();
      send({ type: 'leave', stay: id });
    }
    function tell(fact: RoomFact): void {
      if (isOver) return;
      if (last.includes(fact.type)) leave();
      report(fact);
    }
    function meet(other: string): void {
      const rival = rivalOf(identity, other);
      if (rival === 'older') send({ type: 'remove', room: name, identity: other });
      if (rival === 'newer') tell({ type: 'line.fenced', reason: 'a newer owner is in the room' });
    }
    function hear(message: ToOwner): void {
      if (message.type === 'sound') return void heard.push(message.pcm);
      if (message.type === 'rival') return meet(message.identity);
      message.others.forEach(meet);
      if (message.fact.type === 'line.joined' && !isOver) begin();
      tell(message.fact);
    }
    function begin(): void {
      paced.attach(remoteSink(id, send, clock));
      unbeat = beat(() => {
        const pcm = heard.shift();
        if (pcm) quiet = 0;
        else quiet += 1;
        if (quiet <= silentFrames) hub.push(pcm ?? silence);
      });
    }
    leaves.add(leave);
    signal.addEventListener('abort', leave);
    send({ type: 'join', stay: id, room: name, identity, callerKey });
  }

  const room: Room = {
    join,
    sendDigits: async () => undefined,
    showState: () => undefined,
    async hangUp() {
      send({ type: 'hang_up', room: name });
      return undefined;
    },
  };
  return {
    room,
    ear: hub.ear,
    player: paced.player,
    ...inProcessTelephones,
    leg: { room: name, callerKey },
    close: async () => leaves.forEach((leave) => leave()),
  };
}

/** Its queue empties in real time, as that of a native source does. */
function remoteSink(stay: number, send: Rooms['send'], clock: Clock): AudioSink {
  let emptyAt = 0;
  return {
    async capture(pcm) {
      emptyAt = Math.max(clock.now(), emptyAt) + msOf(pcm.length);
      send({ type: 'frame', stay, pcm });
    },
    clear() {
      emptyAt = 0;
      send({ type: 'clear', stay });
    },
    queuedMs: () => Math.max(0, Math.min(5 * frameMs, emptyAt - clock.now())),
  };
}
