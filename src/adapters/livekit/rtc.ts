import { env, stderr, stdout } from 'node:process';
import type * as rtcNode from '@livekit/rtc-node';

export type Rtc = typeof rtcNode;
export type {
  AudioSource,
  AudioStream,
  DisconnectReason,
  LocalAudioTrack,
  LocalTrackPublication,
  RemoteParticipant,
  RemoteTrack,
  Room as RtcRoom,
} from '@livekit/rtc-node';

let loading: Promise<Rtc> | undefined;

/**
 * The one door to `@livekit/rtc-node`: one native library per process, never in a worker thread (a second thread that loads it
 * silences the first). Its logger cannot be reached: it prints debug lines unless `NODE_ENV` says production while it is imported,
 * and warnings to whatever standard output then is, which must stay clean.
 */
export function loadRtc(): Promise<Rtc> {
  loading ??= loadQuietly();
  return loading;
}

async function loadQuietly(): Promise<Rtc> {
  const out = stdout as { fd: number };
  const before = { mode: env['NODE_ENV'], fd: out.fd };
  env['NODE_ENV'] = 'production';
  out.fd = stderr.fd;
  try {
    return await import('@livekit/rtc-node');
  } finally {
    out.fd = before.fd;
    if (before.mode === undefined) delete env['NODE_ENV'];
    else env['NODE_ENV'] = before.mode;
  }
}

/** Ends the native library, for good: without this a process that loaded it never exits. Nothing to do if none was loaded. */
export async function disposeRtc(): Promise<void> {
  if (loading) await (await loading).dispose();
}
