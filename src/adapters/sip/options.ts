import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock, TimerId } from '../../clock.ts';
import { type Address, showAddress } from '../../config.ts';

/** Until it is answered, a request over UDP is sent again after half a second, then after twice as long (RFC 3261, 17.1.2.2). */
const firstAgainMs = 500;

/**
 * Asks a SIP server what it can (OPTIONS over UDP), which every gateway answers. Resolves with its status line; rejects when
 * there is no way to it, or when the signal aborts.
 */
export async function askOptions(
  to: Address,
  { callId, clock, signal }: { readonly callId: string; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string> {
  const socket = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket.on('message', (message) => resolve(message.toString('latin1').split('\r\n', 1)[0] ?? ''));
  socket.on('error', reject);
  signal.addEventListener('abort', () => reject(new Error('no answer')), { once: true });
  try {
    // A connected socket hears that nobody listens there.
    await new Promise<void>((connected) => socket.connect(to.port, to.host, connected));
    const stop = repeat(socket, requestOf(to, socket.address(), callId), clock);
    return await promise.finally(stop);
  } finally {
    socket.close();
  }
}

function repeat(socket: Socket, request: string, clock: Clock): () => void {
  let timer: TimerId;
  const send = (nextMs: number): void => {
    socket.send(request);
    timer = clock.setTimeout(() => send(nextMs * 2), nextMs);
  };
  send(firstAgainMs);
  return () => clock.clearTimeout(timer);
}

function requestOf(to: Address, own: { readonly address: string; readonly port: number }, callId: string): string {
  const ours = showAddress({ host: own.address, port: own.port });
  const target = showAddress(to);
  return [
    `OPTIONS sip:${target} SIP/2.0`,
    `Via: SIP/2.0/UDP ${ours};branch=z9hG4bK${callId};rport`,
    'Max-Forwards: 70',
    `From: <sip:voicechart@${ours}>;tag=${callId}`,
    `To: <sip:${target}>`,
    `Call-ID: ${callId}`,
    'CSeq: 1 OPTIONS',
    `Contact: <sip:voicechart@${ours}>`,
    'Accept: application/sdp',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
