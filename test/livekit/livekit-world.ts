import { AccessToken, RoomServiceClient } from 'livekit-server-sdk';
import { afterAll } from 'vitest';
import { createTokenSigner } from '../../src/adapters/jose/token-signer.ts';
import { createLivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { createLivekitRooms } from '../../src/adapters/livekit/api/rooms.ts';
import { createLivekitLine, type LivekitLine, type LivekitLineOptions } from '../../src/adapters/livekit/line.ts';
import { disposeRtc, loadRtc, type RtcRoom } from '../../src/adapters/livekit/rtc.ts';
import { systemClock } from '../../src/clock.ts';
import { joinNoting, type LineWorld, type Phone, type PhoneOptions } from '../support/contracts/line-world.ts';
import { newRoomName, sharedLivekit } from '../support/hub.ts';
import { ringFor } from '../support/keys.ts';
import type { LivekitAccess } from '../support/services.ts';

const patienceMs = 40_000;
const identityOf = (epoch: number) => `agent-${epoch}`;

export interface LivekitWorld extends LineWorld {
  readonly roomName: string;
  readonly api: RoomServiceClient;
  /** The call of the world's own line has been handed over. */
  awaitNext(): void;
  /** Another owner of the call joins the room; the world's own is of epoch 1. */
  owner(epoch: number): ReturnType<typeof joinNoting>;
}

/** Frees the native library when the file is done. */
export function disposeAtEnd(): void {
  afterAll(() => disposeRtc());
}

/** LiveKit's rooms by the client that the product has. */
export function livekitRooms(access: LivekitAccess) {
  const api = createLivekitApi({ url: access.url, clock: systemClock, key: ringFor(access).signing });
  return { rooms: createLivekitRooms(api), close: api.close };
}

/** A room of the real server with the agent's line at one end; the phones are plain rtc-node participants of this process. */
export async function openLivekitWorld(
  options: Partial<Pick<LivekitLineOptions, 'callerKey' | 'look'>> = {},
  access: LivekitAccess = sharedLivekit(),
): Promise<LivekitWorld> {
  const { url, httpUrl, apiKey, apiSecret } = access;
  const roomName = newRoomName();
  const api = new RoomServiceClient(httpUrl, apiKey, apiSecret);
  const rooms = livekitRooms(access);
  const lineOf = (epoch: number) =>
    createLivekitLine({
      url,
      signer: createTokenSigner(ringFor(access)),
      rooms: rooms.rooms,
      roomName,
      identity: identityOf(epoch),
      agentName: 'Tester',
      clock: systemClock,
      look: () => undefined,
      ...options,
    });
  const line = lineOf(1);
  const others: LivekitLine[] = [];
  const phones: { close(): Promise<void> }[] = [];
  return {
    lossy: true,
    roomName,
    api,
    room: line.room,
    ear: line.ear,
    player: line.player,
    async call(phoneOptions) {
      const phone = await openPhone({ access, roomName, ...phoneOptions });
      phones.push(phone);
      return phone;
    },
    fence: () => api.removeParticipant(roomName, identityOf(1)),
    awaitNext: line.awaitNext,
    owner(epoch) {
      const other = lineOf(epoch);
      others.push(other);
      return joinNoting({ room: other.room, until: untilTrue });
    },
    closeRoom: () => api.deleteRoom(roomName),
    until: untilTrue,
    pass: sleep,
    async end() {
      await Promise.all([line, ...others].map((each) => each.close()));
      await Promise.all(phones.map((phone) => phone.close()));
      await api.deleteRoom(roomName).catch(() => undefined);
      await rooms.close();
    },
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

export async function untilTrue(condition: () => boolean, what: string): Promise<void> {
  const limit = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`never: ${what}`);
    // oxlint-disable-next-line no-await-in-loop
    await sleep(20);
  }
}

interface Leg {
  readonly room: RtcRoom;
  present: boolean;
  digits: string;
  speak(pcm: Int16Array): void;
  close(): Promise<void>;
}

/** A phone, the room it calls and the server it is on. */
type Place = PhoneOptions & { readonly access: LivekitAccess; readonly roomName: string };

async function openPhone(options: Place): Promise<Phone & { close(): Promise<void> }> {
  const frames: Int16Array[] = [];
  let status = 'ringing';
  let leg = await enter(options, status, frames);
  const setStatus = async (next: string) => {
    status = next;
    await leg.room.localParticipant?.setAttributes({ 'sip.callStatus': next });
  };
  return {
    answer: () => setStatus('active'),
    async hangUp() {
      await setStatus('hangup');
      await leg.close();
    },
    leave: () => leg.close(),
    async rejoin() {
      const before = leg.digits;
      await leg.close();
      leg = await enter(options, status, frames);
      leg.digits = before;
    },
    speak: (pcm) => leg.speak(pcm),
    heard: () => frames,
    digit: async (digit) => leg.room.localParticipant?.publishDtmf('0123456789*#'.indexOf(digit), digit),
    digitsHeard: () => leg.digits,
    isPresent: () => leg.present,
    close: () => leg.close(),
  };
}

async function enter(options: Place, status: string, heard: Int16Array[]): Promise<Leg> {
  const rtc = await loadRtc();
  const room = new rtc.Room();
  const source = new rtc.AudioSource(16_000, 1, 200);
  const track = rtc.LocalAudioTrack.createAudioTrack('phone', source);
  let speaking: Promise<void> = Promise.resolve();
  let closing: Promise<void> | undefined;
  const say = async (pcm: Int16Array) => {
    for (let at = 0; at < pcm.length && leg.present; at += 320) {
      const frame = new Int16Array(320);
      frame.set(pcm.subarray(at, at + 320));
      // oxlint-disable-next-line no-await-in-loop
      await source.captureFrame(new rtc.AudioFrame(frame, 16_000, 1, 320));
    }
  };
  const close = async () => {
    leg.present = false;
    await speaking;
    await room.disconnect();
    await track.close();
  };
  const leg: Leg = {
    room,
    present: true,
    digits: '',
    speak: (pcm) => void (speaking = speaking.then(() => say(pcm)).catch(() => undefined)),
    close: () => (closing ??= close()),
  };
  room
    .on(rtc.RoomEvent.DtmfReceived, (_code, digit) => void (leg.digits += digit))
    .on(rtc.RoomEvent.Disconnected, () => void (leg.present = false))
    .on(rtc.RoomEvent.TrackSubscribed, (agentTrack, _publication, participant) => {
      if (participant.kind !== rtc.ParticipantKind.AGENT) return;
      const stream = new rtc.AudioStream(agentTrack, { sampleRate: 16_000, numChannels: 1, frameSizeMs: 20 });
      const listen = async () => {
        for await (const frame of stream) heard.push(frame.data);
      };
      listen().catch(() => undefined);
    });
  await room.connect(options.access.url, await phoneToken(options, status), { autoSubscribe: true, dynacast: false });
  const publish = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
  await room.localParticipant?.publishTrack(track, publish);
  return leg;
}

function phoneToken(options: Place, status: string): Promise<string> {
  const { access, roomName, identity, callId, phone, trunkPhone } = options;
  const { apiKey, apiSecret } = access;
  const sip = {
    'sip.callID': callId ?? '',
    'sip.callStatus': status,
    ...(phone === undefined ? {} : { 'sip.phoneNumber': phone }),
    ...(trunkPhone === undefined ? {} : { 'sip.trunkPhoneNumber': trunkPhone }),
  };
  const attributes = callId === undefined ? { 'voicechart.role': 'caller' } : sip;
  const token = new AccessToken(apiKey, apiSecret, { identity, name: identity, ttl: 600, attributes });
  if (callId !== undefined) token.kind = 'sip';
  token.addGrant({
    roomJoin: true,
    room: roomName,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: true,
  });
  return token.toJwt();
}
