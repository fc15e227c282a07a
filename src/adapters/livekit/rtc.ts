import { env } from 'node:process';
import type * as rtcNode from '@livekit/rtc-node';

export type Rtc = typeof rtcNode;
export type {
  AudioSource,
  AudioStream,
  DisconnectReason,
  LocalAudioTrack,
  RemoteParticipant,
  RemoteTrack,
  Room as RtcRoom,
} from '@livekit/rtc-node';

let loading: Promise<Rtc> | undefined;

/**
 * The one door to `@livekit/rtc-node`: one native library per process, never in a worker thread (a second thread that loads it
 * silences the first). Its logger prints debug lines on stdout unless `NODE_ENV` says production while it is imported.
 */
export function loadRtc(): Promise<Rtc> {
  loading ??= loadQuietly();
  return loading;
}

async function loadQuietly(): Promise<Rtc> {
  const before = env['NODE_ENV'];
  env['NODE_ENV'] = 'production';
  try {
    return await import('@livekit/rtc-node');
  } finally {
    if (before === undefined) delete env['NODE_ENV'];
    else env['NODE_ENV'] = before;
  }
}

/** Ends the native library, for good: without this a process that loaded it never exits. Nothing to do if none was loaded. */
export async function disposeRtc(): Promise<void> {
  if (loading) await (await loading).dispose();
}
