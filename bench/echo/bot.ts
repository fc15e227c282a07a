import { loadRtc, type RemoteTrack, type Rtc } from '../../src/adapters/livekit/rtc.ts';

/** What the owner asks: take a place in one room. The answer is `{ joined: n }`. */
export interface EchoOrder {
  readonly url: string;
  readonly token: string;
}

const sampleRateHz = 16_000;
const frameMs = 20;
const queueMs = 100;

/** The least that a bot can be: it joins, publishes, reads the caller and writes it back. It ends with its owner. */
async function echo(rtc: Rtc, { url, token }: EchoOrder): Promise<void> {
  const room = new rtc.Room();
  const source = new rtc.AudioSource(sampleRateHz, 1, queueMs);
  const track = rtc.LocalAudioTrack.createAudioTrack('echo', source);
  const readBack = async (heard: RemoteTrack) => {
    const frames = new rtc.AudioStream(heard, { sampleRate: sampleRateHz, numChannels: 1, frameSizeMs: frameMs });
    for await (const frame of frames) {
      if (source.queuedDuration > queueMs - frameMs) source.clearQueue();
      await source.captureFrame(frame);
    }
  };
  room.on(rtc.RoomEvent.TrackSubscribed, (heard) => void readBack(heard).catch(() => undefined));
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const publish = new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE });
  await room.localParticipant!.publishTrack(track, publish);
}

const rtc = await loadRtc();
let joined = 0;

async function join(order: EchoOrder): Promise<void> {
  await echo(rtc, order);
  joined += 1;
  process.send?.({ joined });
}

process.on('message', (order: EchoOrder) => {
  void join(order);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ joined });
