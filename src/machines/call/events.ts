import type { DialFact } from '../../actors/dial.ts';
import type { HangUpFact } from '../../actors/hang-up.ts';
import type { LineFact } from '../../actors/join-room.ts';
import type { RecordFact } from '../../actors/record.ts';
import type { SttFact } from '../../actors/transcribe.ts';
import type { Expectation } from '../../actors/transcriber.ts';
import type { TransferFact } from '../../actors/transfer.ts';
import type { VoiceActivityFact } from '../../actors/watch-voice.ts';
import type { Failure } from '../../failure.ts';
import type { Trouble } from './context.ts';
import type { Part } from './vendor-order.ts';

/** What a reply tells its call. `turn` is the agent's turn it speaks for. */
export type ReplyFact =
  /** This text was handed to the voice. */
  | { readonly type: 'reply.worded'; readonly turn: number; readonly text: string }
  | {
      readonly type: 'reply.tool_started';
      readonly turn: number;
      readonly id: string;
      readonly key: string;
      readonly name: string;
      readonly input: string;
      readonly effect: 'none' | 'idempotent' | 'once';
      readonly at: number;
    }
  | {
      readonly type: 'reply.tool_finished';
      readonly turn: number;
      readonly key: string;
      readonly ok: boolean;
      readonly text: string;
      readonly at: number;
    }
  | { readonly type: 'reply.farewell_asked'; readonly turn: number }
  | { readonly type: 'reply.digits_asked'; readonly turn: number; readonly max: number; readonly terminator: string }
  /** The model wants the caller put through to somebody of this name. */
  | { readonly type: 'reply.transfer_asked'; readonly turn: number; readonly person: string }
  /** One of the agent's list failed; the next of it is asked, if there is one. */
  | {
      readonly type: 'reply.vendor_failed';
      readonly turn: number;
      readonly part: Part;
      readonly name: string;
      readonly failure?: Failure;
    }
  /** It did all that was asked of it. */
  | { readonly type: 'reply.vendor_worked'; readonly turn: number; readonly part: Part; readonly name: string }
  /** All that there is failed, and the caller was told by a stored phrase. */
  | { readonly type: 'reply.troubled'; readonly turn: number; readonly part: Trouble };

/** What people and the instance may ask of a running call. */
export type CallCommand =
  | { readonly type: 'call.say'; readonly text: string; readonly at: number }
  | { readonly type: 'call.hang_up'; readonly at: number }
  /** Put the caller through to somebody whom the agent's definition names so. */
  | { readonly type: 'call.transfer'; readonly person: string; readonly at: number }
  /** Vendors that are to be asked last from now on: the instance's posture has changed. */
  | { readonly type: 'call.avoid'; readonly vendors: readonly string[]; readonly at: number }
  /** What was recorded so far is kept; the call is not recorded any more. */
  | { readonly type: 'call.stop_recording'; readonly at: number }
  /** Another owner is to go on with the call, if it stands between two turns. */
  | { readonly type: 'call.hand_over'; readonly at: number }
  /** It took its process with it too often: it says that it is sorry, and leaves. Comes after a restore. */
  | { readonly type: 'call.give_up'; readonly at: number }
  /** The record was loaded by a new owner; first event after a restore. */
  | { readonly type: 'call.restored'; readonly epoch: number; readonly at: number }
  /** A webhook says that the caller or the room is gone. */
  | { readonly type: 'call.caller_gone'; readonly sid: string; readonly reason: string; readonly at: number }
  | { readonly type: 'call.room_gone'; readonly at: number }
  /** LiveKit has not had this leg of the caller in its room for a while. */
  | { readonly type: 'call.caller_unlisted'; readonly sid: string; readonly at: number };

/** Raised by one region for another. */
export type CallRaised =
  | { readonly type: 'hearing.lost' }
  /** The telephone that we called does not ring any more. */
  | { readonly type: 'leg.gone' }
  /** The caller said more than was taken: `pending` holds it. */
  | { readonly type: 'caller.said'; readonly at: number }
  /** Words of a turn already taken turned out to be others. */
  | { readonly type: 'caller.amended'; readonly at: number }
  | { readonly type: 'caller.turn_maybe_ended'; readonly at: number }
  | { readonly type: 'caller.turn_resumed'; readonly at: number }
  | { readonly type: 'caller.turn_ended'; readonly at: number }
  /** What the agent has said makes this likely to come next. */
  | { readonly type: 'agent.expects'; readonly kind: Expectation['kind'] }
  | { readonly type: 'agent.shows'; readonly state: 'listening' | 'thinking' | 'speaking' };

export type CallEvent =
  | LineFact
  | SttFact
  | VoiceActivityFact
  | DialFact
  | TransferFact
  | HangUpFact
  | RecordFact
  | ReplyFact
  | CallCommand
  | CallRaised;
