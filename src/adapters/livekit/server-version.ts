import { SignalResponse } from '@livekit/protocol';
import { WebSocket } from 'ws';
import type { Secret } from '../../secret.ts';

/** What the join of a client says first, of those whose version the server knows. */
const protocol = 15;

/**
 * Begins to join a room, as a client would, and leaves when the server has told its version: no sound or picture is
 * negotiated. Rejects with what was in the way of the WebSocket, or when the signal aborts.
 */
export function askVersion(url: string, token: Secret, signal: AbortSignal): Promise<string> {
  const address = new URL(`${url.replace(/^http/, 'ws').replace(/\/$/, '')}/rtc`);
  address.search = new URLSearchParams({ protocol: String(protocol), auto_subscribe: '0' }).toString();
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token.reveal()}` } });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stop = (): void => socket.terminate();
  signal.addEventListener('abort', stop, { once: true });
  socket.on('message', (data: Buffer) => resolve(versionIn(data)));
  socket.on('error', reject);
  socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
  return promise.finally(() => {
    signal.removeEventListener('abort', stop);
    stop();
  });
}

function versionIn(data: Buffer): string {
  const { message } = SignalResponse.fromBinary(data);
  return (message.case === 'join' && (message.value.serverInfo?.version || message.value.serverVersion)) || 'unknown';
}
