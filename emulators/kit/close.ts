import type { WebSocket } from 'ws';
import { z } from 'zod';

const mostReasonBytes = 123;

/** A close code that may be sent; 1005 stands for a close without a status. */
export const closeCode = z
  .int()
  .refine(
    (code) => (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) || (code >= 3000 && code <= 4999),
    'a WebSocket close code: 1000 to 1014 but 1004 and 1006, or 3000 to 4999',
  );

export const closeReason = z
  .string()
  .refine((reason) => Buffer.byteLength(reason) <= mostReasonBytes, `at most ${mostReasonBytes} bytes`);

/** Closes in order; 1005 is sent as no status at all. */
export function closeSocket(socket: WebSocket, code: number, reason = ''): void {
  if (code === 1005) socket.close();
  else socket.close(code, reason);
}
