import type { AudioSource, LocalAudioTrack, RemoteTrack, Rtc, RtcRoom } from '../../src/adapters/livekit/rtc.ts';
import { byeHeaders, type Headers } from './invite.ts';
import { lineFrameMs, lineRateHz } from './telephone-band.ts';
import type { MouthSink } from './mouth.ts';
import type { Drop, LeaveReason } from './types.ts';

const queueMs = 200;
/** A native library that does not answer must not hold up the end of a call. */
const leaveLimitMs = 5_000;
const endCallMethod = 'lk.sip.EndCall';
const remoteHeadersMethod = 'lk.sip.GetRemoteHeaders';
const digitCodes = '0123456789*#ABCD';

/** What a leg meets in its room. */
export interface LegHooks {
  voiceJoined(voice: { readonly identity: string; readonly trackSid: string }, frames: AsyncIterable<Int16Array>): void;
  voiceLeft(voice: { readonly identity: string; readonly trackSid: string }): void;
  digit(digit: string, identity: string): void;
  /** Somebody used the RPC `lk.sip.EndCall` and wants these headers in the BYE. */
  endCall(headers: Headers): void;
  /** Somebody used the RPC `lk.sip.GetRemoteHeaders`; gives its answer. */
  remoteHeaders(payload: string): string;
  reconnecting(): void;
  reconnected(): void;
  /** Out of the room and not by our own leaving; LiveKit's reason, such as `ROOM_DELETED`. */
  disconnected(reason: string): void;
}

/** One stay of the leg in its room. */
export interface Leg {
  readonly sid: string;
  sendDigit(digit: string): Promise<void>;
  drop(drop: Drop): Promise<void>;
  leave(reason?: LeaveReason): Promise<void>;
}

/** The telephone's microphone: a native source that outlives a stay in a room. 8 kHz, and silence when nothing is captured. */
export function createMicrophone(rtc: Rtc): MouthSink & { readonly source: AudioSource } {
  const source = new rtc.AudioSource(lineRateHz, 1, queueMs);
  return {
    source,
    // rtc-node reads from the start of the buffer whatever the view says: the frame must own it.
    capture: (frame) => source.captureFrame(new rtc.AudioFrame(frame.slice(), lineRateHz, 1, frame.length)),
    queuedMs: () => source.queuedDuration,
    clear: () => source.clearQueue(),
  };
}

/**
 * Joins, publishes the microphone named like the identity, hears whoever publishes sound. Without a `source` it publishes nothing.
 * Rejects when it cannot join.
 */
export async function joinLeg(options: {
  readonly rtc: Rtc;
  readonly url: string;
  readonly token: string;
  readonly identity: string;
  readonly source: AudioSource | undefined;
  readonly hooks: LegHooks;
}): Promise<Leg> {
  const { rtc, url, token, identity, source, hooks } = options;
  const room = new rtc.Room();
  let leaving = false;
  listen(rtc, room, hooks, () => leaving);
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const me = room.localParticipant!;
  me.registerRpcMethod(endCallMethod, async ({ payload }) => {
    hooks.endCall(byeHeaders(payload));
    return '{}';
  });
  me.registerRpcMethod(remoteHeadersMethod, async ({ payload }) => hooks.remoteHeaders(payload));
  const track = source && rtc.LocalAudioTrack.createAudioTrack(identity, source);
  if (track) await publish(rtc, room, track);
  return {
    sid: me.sid ?? '',
    sendDigit: (digit) => me.publishDtmf(digitCodes.indexOf(digit), digit),
    drop: (drop) => room.simulateScenario(scenarioOf(rtc, drop)),
    async leave(reason) {
      leaving = true;
      if (reason) await leaveFor(rtc, room, reason);
      await atMost(leaveLimitMs, room.disconnect());
      await track?.close(false);
    },
  };
}

/** Who is put out meanwhile, or was before, waits ten seconds for an answer: that he is out has been told by then. */
async function publish(rtc: Rtc, room: RtcRoom, track: LocalAudioTrack): Promise<void> {
  if (!room.isConnected) return;
  const gone = new Promise<void>((resolve) => room.once(rtc.RoomEvent.Disconnected, () => resolve()));
  const options = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
  const published = room.localParticipant!.publishTrack(track, options).then(() => undefined);
  // It fails late, when nobody waits for it any more.
  published.catch(() => undefined);
  await Promise.race([published, gone]);
}

function listen(rtc: Rtc, room: RtcRoom, hooks: LegHooks, leaving: () => boolean): void {
  const { RoomEvent } = rtc;
  room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
    if (track.kind !== rtc.TrackKind.KIND_AUDIO) return;
    hooks.voiceJoined({ identity: participant.identity, trackSid: publication.sid ?? '' }, framesOf(rtc, track));
  });
  room.on(RoomEvent.TrackUnsubscribed, (_track, publication, participant) => {
    hooks.voiceLeft({ identity: participant.identity, trackSid: publication.sid ?? '' });
  });
  room.on(RoomEvent.DtmfReceived, (_code, digit, participant) => hooks.digit(digit, participant.identity));
  room.on(RoomEvent.Reconnecting, hooks.reconnecting);
  room.on(RoomEvent.Reconnected, hooks.reconnected);
  room.on(RoomEvent.Disconnected, (reason) => {
    if (!leaving()) hooks.disconnected(rtc.DisconnectReason[reason] ?? 'UNKNOWN_REASON');
  });
}

async function* framesOf(rtc: Rtc, track: RemoteTrack): AsyncIterable<Int16Array> {
  const stream = new rtc.AudioStream(track, { sampleRate: lineRateHz, numChannels: 1, frameSizeMs: lineFrameMs });
  for await (const frame of stream) yield frame.data;
}

function scenarioOf(rtc: Rtc, drop: Drop) {
  const kinds = rtc.SimulateScenarioKind;
  return {
    signal: kinds.SIMULATE_SIGNAL_RECONNECT,
    full: kinds.SIMULATE_FULL_RECONNECT,
    migration: kinds.SIMULATE_MIGRATION,
    node: kinds.SIMULATE_NODE_FAILURE,
  }[drop];
}

/** `room.disconnect()` names no reason; the native library under it takes one. */
async function leaveFor(rtc: Rtc, room: RtcRoom, reason: LeaveReason): Promise<void> {
  const { FfiRequest, livekitFfiRequest } = await import('@livekit/rtc-ffi-bindings');
  const roomHandle = (room as unknown as { readonly ffiHandle: { readonly handle: bigint } }).ffiHandle.handle;
  const gone = new Promise<void>((resolve) => room.once(rtc.RoomEvent.Disconnected, () => resolve()));
  const value = { roomHandle, reason: rtc.DisconnectReason[reason] };
  livekitFfiRequest(new FfiRequest({ message: { case: 'disconnect', value } }).toBinary());
  await atMost(leaveLimitMs, gone);
}

async function atMost(limitMs: number, done: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
