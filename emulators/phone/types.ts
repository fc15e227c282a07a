import type { Clock } from '../../src/clock.ts';
import type { Headers } from './invite.ts';
import type { RefusalCase } from './refusal.ts';

/** LiveKit's reasons with which a leg of the gateway leaves. */
export type LeaveReason = 'CLIENT_INITIATED' | 'USER_REJECTED' | 'USER_UNAVAILABLE';

/**
 * Who joins when it is no caller: the leg of a call that goes out (`sip`: says and does what it is told by `tell`, `pickUp` and
 * `leave`), the recorder (`egress`: hears everybody, is hidden and says nothing), or a streamer (`ingress`).
 */
export interface Role {
  readonly kind: 'sip' | 'egress' | 'ingress';
  readonly identity: string;
  readonly name: string;
  /** All of them, `sip.callStatus` included. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** One phone call as a gateway would bring it into a room. */
export interface PhoneOptions {
  /** `ws://…` or `wss://…`. */
  readonly livekitUrl: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly room: string;
  /** The caller's number. Identity is `sip_<from>`. */
  readonly from: string;
  /** The number that is called. */
  readonly to: string;
  /** `sip.callID`; random unless given. */
  readonly callId?: string;
  readonly trunkId?: string;
  readonly ruleId?: string;
  readonly metadata?: string;
  /** It is no caller but this; `from`, `to` and what a dispatch rule gives are not looked at. */
  readonly as?: Role;
  /** Attributes of the dispatch rule, beside those of SIP. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** The rule's `hidePhoneNumber`: identity from a hash, no numbers. */
  readonly hidePhoneNumber?: boolean;
  /** Headers of the caller's INVITE, such as `X-Customer`; the room can ask for them. */
  readonly headers?: Headers;
  /** The gateway turns the call away: it ends, or rings for ever, without coming into the room. */
  readonly refuse?: RefusalCase;
  /** What is sent between utterances: noise of a line (default, about -66 dBFS) or exact zeros. */
  readonly comfort?: 'noise' | 'zeros';
  /** Rings this long, then 486. Default 180,000. */
  readonly ringTimeoutMs?: number;
  /** The caller's sound may be missing this long. Default 15,000. */
  readonly mediaTimeoutMs?: number;
  /** From the join, ringing included. No limit unless given. */
  readonly maxCallMs?: number;
  /** The agent's voice comes back into the caller's microphone. Off unless given. */
  readonly echo?: { readonly db: number; readonly delayMs: number };
  /** A sound begins above this level. Default -50. */
  readonly soundDb?: number;
}

export interface PhoneParts {
  readonly clock?: Clock;
  /** Every event as it happens, from the first one on. */
  readonly onEvent?: (event: PhoneEvent) => void;
}

/** Times are epoch milliseconds; `startMs` and `endMs` are when sound began and ended at the ear or left the mouth. */
export type PhoneEvent = { readonly atMs: number } & (
  | { readonly type: 'ringing' }
  /** The gateway's `200 OK`: an audio track could be subscribed to. */
  | { readonly type: 'answered' }
  /** The room was told `sip.callStatus: active`. */
  | { readonly type: 'active' }
  | { readonly type: 'voice.joined'; readonly identity: string; readonly trackSid: string }
  | { readonly type: 'voice.left'; readonly identity: string; readonly trackSid: string }
  | ({ readonly type: 'heard.word' } & HeardWord)
  /** A word began and could not be read: cut, or hurt on its way. */
  | { readonly type: 'heard.damaged'; readonly startMs: number; readonly endMs: number }
  | { readonly type: 'sound.began'; readonly startMs: number }
  | { readonly type: 'sound.ended'; readonly startMs: number; readonly endMs: number }
  | { readonly type: 'digit.heard'; readonly digit: string; readonly identity: string }
  /** The gateway had no place for this key: too many in too short a time. */
  | { readonly type: 'digit.lost'; readonly digit: string; readonly identity: string }
  | { readonly type: 'speech.began'; readonly utterance: number; readonly startMs: number }
  | { readonly type: 'speech.ended'; readonly utterance: number; readonly endMs: number; readonly cut: boolean }
  | { readonly type: 'line.reconnecting' }
  | { readonly type: 'line.reconnected' }
  /** The last event. `headers`: those that `lk.sip.EndCall` put into the BYE. */
  | { readonly type: 'ended'; readonly reason: EndReason; readonly sip: SipEnd; readonly headers?: Headers }
);

/** A word read from the tones at the phone's ear. */
export interface HeardWord {
  readonly number: number;
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * `hung_up` and `cancelled` are the caller's doing, `refused` the gateway's, `end_call` the RPC `lk.sip.EndCall`; `lost`: LiveKit was gone for longer
 * than the leg tries, or the process of the phone died. The rest in capitals are LiveKit's reasons, such as `ROOM_DELETED`.
 */
export type EndReason =
  | 'hung_up'
  | 'cancelled'
  | 'refused'
  | 'ring_timeout'
  | 'media_timeout'
  | 'max_duration'
  | 'end_call'
  | 'lost'
  | Uppercase<string>;

/** What the caller's telephone was told: BYE once answered, a final answer before; `nothing`: it still waits for one. */
export type SipEnd = 'BYE' | 400 | 401 | 407 | 486 | 487 | 503 | 'nothing';

/** What became of something said. */
export interface Spoken {
  readonly utterance: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Not all of it was said: hushed, or the call ended. */
  readonly cut: boolean;
  /** How much of it left. */
  readonly saidMs: number;
}

/** `words`: those that left whole. */
export interface SpokenWords extends Spoken {
  readonly words: readonly HeardWord[];
}

/** What the phone heard since it was answered: 16 kHz PCM that went through 8 kHz mu-law. */
export interface Recording {
  readonly pcm: Int16Array;
  /** When each 20 ms of it arrived, epoch ms. */
  readonly frameMs: Float64Array;
}

/** How the network between leg and LiveKit fails. */
export type Drop = 'signal' | 'full' | 'migration' | 'node';

export interface PhoneCommands {
  /** Says 16 kHz PCM after what is being said. Resolves when its last sample has left. */
  speak(pcm: Int16Array): Promise<Spoken>;
  /** Says words as tones, numbered on from the last. */
  sayWords(text: string, options?: { readonly symbolMs?: number; readonly gapMs?: number }): Promise<SpokenWords>;
  /** Says a WAV file (16 bit or mu-law, mono, 8 or 16 kHz). */
  playWav(path: string): Promise<Spoken>;
  /** Falls silent at once and forgets what was still to be said. */
  hush(): Promise<void>;
  /** One key after the other. */
  sendDigits(digits: string, options?: { readonly gapMs?: number }): Promise<void>;
  /** Hangs up, or gives up while it rings. Resolves when the leg has left. */
  hangUp(): Promise<void>;
  /** Changes attributes of the participant, such as `sip.callStatus`. */
  tell(attributes: Readonly<Record<string, string>>): Promise<void>;
  /** The callee of a call that goes out lifts the receiver: hears and is heard. */
  pickUp(): Promise<void>;
  /** Leaves for this reason without a word: attributes stay as they are. */
  leave(reason: LeaveReason): Promise<void>;
  /** The callee hears a key that comes from the gateway and not from the room. */
  hearKey(digit: string): Promise<void>;
  /** The telephone stops sending sound: the leg hangs up after `mediaTimeoutMs` unless it is resumed. */
  stopMedia(): Promise<void>;
  resumeMedia(): Promise<void>;
  /** Lets the network fail in this way; the leg comes back with the same call. */
  dropLine(drop: Drop): Promise<void>;
  recording(): Promise<Recording>;
}

/** A phone in a call. Commands after its end do nothing. */
export interface Phone extends PhoneCommands {
  readonly identity: string;
  /** SID of the participant as it joined first; empty for a call that was refused. */
  readonly sid: string;
  readonly callId: string;
  readonly room: string;
  /** All events so far. */
  events(): readonly PhoneEvent[];
  /** Every event from now on. Returns the end of it. */
  onEvent(listener: (event: PhoneEvent) => void): () => void;
  /** Words read from the tones. */
  onHeard(listener: (word: HeardWord) => void): () => void;
  onSound(listener: (event: PhoneEvent & { readonly type: 'sound.began' | 'sound.ended' }) => void): () => void;
  /** Words heard so far. */
  heard(): readonly HeardWord[];
  /** The first event, past or to come, of this type that fits. Rejects after `limitMs` (default 30,000) with what came instead. */
  when<T extends PhoneEvent['type']>(
    type: T,
    fits?: (event: PhoneEvent & { readonly type: T }) => boolean,
    limitMs?: number,
  ): Promise<PhoneEvent & { readonly type: T }>;
}
