import { AccessToken } from 'livekit-server-sdk';
import { createToneDecoder, encodeWord } from '../../emulators/tones/codec.ts';
import { loadRtc } from '../../src/adapters/livekit/rtc.ts';
import type { LivekitAccess } from './services.ts';

/** Somebody in a room who is no telephone: a browser, say. Speaks and hears tone words. */
export interface Guest {
  readonly identity: string;
  /** Resolves when the last sound was handed to LiveKit. */
  say(text: string): Promise<void>;
  /** Words of one voice so far. */
  heardFrom(identity: string): readonly string[];
  /** Identities in the room besides itself. */
  others(): readonly string[];
  leave(): Promise<void>;
}

interface GuestOptions {
  readonly room: string;
  readonly identity: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly token?: string;
}

function ownToken({ apiKey, apiSecret }: LivekitAccess, who: GuestOptions): Promise<string> {
  const { room, identity, attributes = {} } = who;
  const token = new AccessToken(apiKey, apiSecret, { identity, ttl: 600, attributes });
  token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true });
  return token.toJwt();
}

const rateHz = 16_000;
const frameSamples = 320;

/** Joins with a microphone, by a token it was given, else by one of its own with these attributes, such as `voicechart.role`. */
export async function joinGuest(access: LivekitAccess, who: GuestOptions): Promise<Guest> {
  const rtc = await loadRtc();
  const room = new rtc.Room();
  const source = new rtc.AudioSource(rateHz, 1, 200);
  const track = rtc.LocalAudioTrack.createAudioTrack('microphone', source);
  const heard = new Map<string, string[]>();

  room.on(rtc.RoomEvent.TrackSubscribed, (remote, _publication, { identity }) => {
    if (remote.kind !== rtc.TrackKind.KIND_AUDIO) return;
    const words = heard.get(identity) ?? [];
    heard.set(identity, words);
    void listen(new rtc.AudioStream(remote, { sampleRate: rateHz, numChannels: 1, frameSizeMs: 20 }), words);
  });
  await room.connect(access.url, who.token ?? (await ownToken(access, who)), { autoSubscribe: true, dynacast: false });
  const publish = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
  await room.localParticipant?.publishTrack(track, publish);

  async function speak(pcm: Int16Array): Promise<void> {
    for (let at = 0; at < pcm.length; at += frameSamples) {
      const frame = new Int16Array(frameSamples);
      frame.set(pcm.subarray(at, at + frameSamples));
      // oxlint-disable-next-line no-await-in-loop
      await source.captureFrame(new rtc.AudioFrame(frame, rateHz, 1, frameSamples));
    }
  }
  return {
    identity: who.identity,
    async say(text) {
      for (const [number, word] of text.split(' ').entries()) {
        // oxlint-disable-next-line no-await-in-loop
        await speak(encodeWord(word, number));
      }
      await speak(new Int16Array(rateHz / 4));
    },
    heardFrom: (identity) => heard.get(identity) ?? [],
    others: () => [...room.remoteParticipants.keys()],
    async leave() {
      await room.disconnect();
      await track.close(true);
    },
  };
}

async function listen(stream: AsyncIterable<{ readonly data: Int16Array }>, words: string[]): Promise<void> {
  const decoder = createToneDecoder({ sampleRateHz: rateHz });
  try {
    for await (const { data } of stream)
      for (const event of decoder.push(data)) if (event.type === 'word') words.push(event.text);
  } catch {
    // The track is gone with its room.
  }
}
