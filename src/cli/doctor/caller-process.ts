import { disposeRtc, loadRtc, type Rtc, type RtcRoom } from '../../adapters/livekit/rtc.ts';
import { frameSamples, sampleRateHz } from '../../audio/pcm.ts';
import type { FromCaller, ToCaller } from './caller.ts';
import { createSoundEdges } from './sound-edges.ts';

/** The process of a test call's caller; `startCaller` starts it. It ends with its parent. */

const tell = (message: FromCaller): void => void (process.connected && process.send?.(message));

interface Leg {
  say(pcm: Int16Array): Promise<void>;
  leave(): Promise<void>;
}

async function join(rtc: Rtc, { url, token }: ToCaller & { type: 'join' }): Promise<Leg> {
  const room = new rtc.Room();
  listen(rtc, room);
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const source = new rtc.AudioSource(sampleRateHz, 1, 200);
  const track = rtc.LocalAudioTrack.createAudioTrack('caller', source);
  const me = room.localParticipant!;
  await me.publishTrack(track, new rtc.TrackPublishOptions({ source: rtc.TrackSource.SOURCE_MICROPHONE }));
  tell({ type: 'joined', at: Date.now(), sid: me.sid ?? '' });
  return {
    async say(pcm) {
      for (let at = 0; at + frameSamples <= pcm.length; at += frameSamples) {
        const frame = pcm.slice(at, at + frameSamples);
        // oxlint-disable-next-line no-await-in-loop
        await source.captureFrame(new rtc.AudioFrame(frame, sampleRateHz, 1, frameSamples));
      }
      await source.waitForPlayout();
      tell({ type: 'said', at: Date.now() });
    },
    leave: () => room.disconnect(),
  };
}

function listen(rtc: Rtc, room: RtcRoom): void {
  room.on(rtc.RoomEvent.TrackSubscribed, (track) => {
    if (track.kind !== rtc.TrackKind.KIND_AUDIO) return;
    const edges = createSoundEdges((edge, at) => tell({ type: edge, at }));
    const hear = async () => {
      const stream = new rtc.AudioStream(track, { sampleRate: sampleRateHz, numChannels: 1, frameSizeMs: 20 });
      for await (const { data } of stream) edges.hear(data, Date.now());
    };
    hear().catch(() => undefined);
  });
  room.on(rtc.RoomEvent.Disconnected, (reason) =>
    tell({ type: 'failed', message: `put out of the room: ${rtc.DisconnectReason[reason] ?? reason}` }),
  );
}

const failed = (error: unknown): void => tell({ type: 'failed', message: String(error).slice(0, 300) });

const rtc = await loadRtc();
let leg: Promise<Leg> | undefined;

async function leave(): Promise<void> {
  setTimeout(() => process.exit(1), 1500).unref();
  await (await leg?.catch(() => undefined))?.leave();
  await disposeRtc();
  process.exit(0);
}

process.on('message', (message: ToCaller) => {
  if (message.type === 'join') leg = join(rtc, message);
  if (message.type === 'join') leg?.catch(failed);
  if (message.type === 'say') leg?.then((joined) => joined.say(message.pcm)).catch(failed);
  if (message.type === 'leave') void leave();
});
process.on('disconnect', () => void leave());
// Ctrl-C reaches the whole group; the parent decides.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
tell({ type: 'ready' });
