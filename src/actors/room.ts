import type { Failure } from '../failure.ts';
import { legAttribute } from './dialer.ts';

/** The one participant of a room that we talk to. */
export interface Caller {
  /** LiveKit identity, such as `sip_+15550199`. */
  readonly identity: string;
  /** Participant SID now bound; a reconnect brings a new one. */
  readonly sid: string;
  readonly kind: 'sip' | 'standard';
  /** With the room's name the key of the call (`callerKeyOf`). */
  readonly callerKey: string;
  /** E.164 number of the caller, when shown. */
  readonly phone?: string;
  /** The number that was called. */
  readonly trunkPhone?: string;
  /** LiveKit's id of the trunk that the call came over. */
  readonly trunk?: string;
  /** Which agent is to answer: attribute `voicechart.agent` of the participant. */
  readonly agent?: string;
}

/** A leg that we called has a key of ours; others their `sip.callID`, or the identity where there is none. */
export const callerKeyOf = (who: {
  readonly identity: string;
  readonly isSip: boolean;
  readonly attributes: Readonly<Record<string, string>>;
}): string => (who.isSip && who.attributes[legAttribute]) || who.attributes['sip.callID'] || who.identity;

/** Whoever is no telephone is a caller when the token says so. */
export const isCallersRole = (attributes: Readonly<Record<string, string>>): boolean =>
  attributes['voicechart.role'] === 'caller';

/** What a room reports. Facts only: deciding is the machine's. */
export type RoomFact =
  /** Connected, own track published. Comes once per `join`. */
  | { readonly type: 'line.joined' }
  /** The SDK is trying to come back by itself; audio and participants are unknown meanwhile. */
  | { readonly type: 'line.reconnecting' }
  | { readonly type: 'line.reconnected' }
  /** Could not join, or the SDK gave up: a new `join` may help. Last fact of this `join`. */
  | { readonly type: 'line.failed'; readonly failure: Failure }
  /** We were removed, replaced by another of our name, or a higher epoch is in the room. Never rejoin. Last fact. */
  | { readonly type: 'line.fenced'; readonly reason: string }
  /** The room was deleted or closed under us. Last fact. */
  | { readonly type: 'line.closed'; readonly reason: string }
  /** The caller is in the room (again): a new SID with the same key rebinds. */
  | { readonly type: 'caller.joined'; readonly caller: Caller }
  /** `sip.callStatus` became `active`, or the caller is not a SIP leg. */
  | { readonly type: 'caller.answered' }
  /** The SIP leg says `sip.callStatus: hangup`. */
  | { readonly type: 'caller.hung_up' }
  /** The bound SID left. May be a reconnect: see the machine's grace. */
  | { readonly type: 'caller.left'; readonly sid: string; readonly reason: string }
  | { readonly type: 'caller.digit'; readonly digit: string };

/**
 * The agent's place in one LiveKit room. `join` may be called again after a last fact (rejoin, with a new token);
 * ear and player of the same line go on across rejoins.
 */
export interface Room {
  /**
   * Connects, publishes the agent's track at once (a gateway rings until it may subscribe to one), binds the caller.
   * Reports until `signal` aborts, then leaves and reports nothing more. Never throws or rejects.
   */
  join(options: { readonly signal: AbortSignal }, report: (fact: RoomFact) => void): void;
  /** Sends DTMF to the caller, one key after another. Resolves when handed over; a failure is the value. */
  sendDigits(digits: string): Promise<Failure | undefined>;
  /** Tells user interfaces in the room what the agent does (`lk.agent.state`). Best effort. */
  showState(state: 'initializing' | 'listening' | 'thinking' | 'speaking'): void;
  /** Ends the call for the caller: deletes the room, which makes a gateway send BYE. Idempotent. */
  hangUp(): Promise<Failure | undefined>;
}
