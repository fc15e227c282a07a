import { toolSpecs, type Agent } from '../agent.ts';
import { dial, findLeg } from '../actors/dial.ts';
import type { Dialer, LegName } from '../actors/dialer.ts';
import type { Ear } from '../actors/ear.ts';
import { hangUp } from '../actors/hang-up.ts';
import { joinRoom } from '../actors/join-room.ts';
import { play } from '../actors/play.ts';
import { playClip, type Clips } from '../actors/play-clip.ts';
import type { Player } from '../actors/player.ts';
import { record, type Recorder } from '../actors/record.ts';
import type { Room } from '../actors/room.ts';
import { agentTools, runTools, type Intentions } from '../actors/run-tools.ts';
import { speak, type Voices } from '../actors/speak.ts';
import { withKeys } from '../actors/tool-keys.ts';
import { type Models, think } from '../actors/think.ts';
import { transcribe } from '../actors/transcribe.ts';
import type { Transcriber } from '../actors/transcriber.ts';
import { type Transfer, transferCall } from '../actors/transfer.ts';
import { watchVoice } from '../actors/watch-voice.ts';
import type { Clock } from '../clock.ts';
import { createCall } from '../machines/call/call.machine.ts';
import { createReply } from '../machines/reply/reply.machine.ts';

/** An agent with the vendors it speaks through; shared by its calls. */
export interface Cast {
  readonly agent: Agent;
  /** In failover order, as the agent's list. */
  readonly ears: readonly Transcriber[];
  readonly models: Models;
  readonly voices: Voices;
  readonly clips: Clips;
}

/** The agent's place in one room, and its way to other telephones. */
export interface Line {
  readonly room: Room;
  readonly ear: Ear;
  readonly player: Player;
  /** Room and caller's key, by which the call is known. */
  readonly leg: LegName;
  readonly dialer: Dialer;
  readonly transfer: Transfer;
  /** The call has been handed over: who leaves stays until its next owner is there. Left out where nobody would be alone meanwhile. */
  awaitNext?(): void;
  close(): Promise<void>;
}

/** Plugs the parts of one call into its machine. */
export function callMachineOf(
  cast: Cast,
  line: Line,
  recorder: Recorder,
  { intentions, isOver }: { readonly intentions: Intentions; readonly isOver: () => boolean },
  clock: Clock,
) {
  const { agent, ears, models, voices, clips } = cast;
  const { room, ear, player, leg, dialer, transfer } = line;
  const tools = toolSpecs(agent);
  const brief = () => ({ instructions: agent.instructions, tools });
  return createCall({
    joinRoom: joinRoom(room, player, clock),
    hangUp: hangUp(room, clock),
    dial: dial(dialer, { leg, room, isOver }, intentions, clock),
    findLeg: findLeg(dialer, leg, clock),
    transfer: transferCall({ transfer, room: leg.room, people: agent.people }, intentions, clock),
    watchVoice: watchVoice(ear, player, clock),
    transcribe: transcribe(ears, ear, clock),
    play: play(player, clock),
    record: record(recorder, intentions, clock),
    reply: createReply({
      think: think(models, brief, clock),
      speak: speak(voices, player, clock),
      runTools: runTools(withKeys(agentTools(agent), room), clock, intentions),
      playClip: playClip(clips, player, clock),
    }),
  });
}
