import { createSocket } from 'node:dgram';
import type { Journal } from '../kit/journal.ts';

/** A SIP address on UDP that answers OPTIONS and little else. */
export interface SipResponder {
  readonly port: number;
  close(): Promise<void>;
}

const copied = ['via', 'from', 'to', 'call-id', 'cseq'];
const shortNames: Readonly<Record<string, string>> = { v: 'via', f: 'from', t: 'to', i: 'call-id' };
const methods = 'INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE';

/**
 * Answers as livekit-sip does: OPTIONS with 200 always, REGISTER and other methods with 405, and a call for nobody with silence. What is no
 * SIP request is passed over. Listens on 127.0.0.1.
 */
export async function openSipResponder(options: {
  readonly journal: Journal;
  readonly port?: number;
}): Promise<SipResponder> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const asked = readRequest(bytes.toString('utf8'));
    if (!asked) return;
    options.journal.note('sip.asked', { method: asked.method, port: from.port });
    const answer = answerTo(asked);
    if (answer) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(options.port ?? 0, '127.0.0.1', resolve);
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return {
    port: socket.address().port,
    async close() {
      socket.close();
      await closed;
    },
  };
}

interface SipRequest {
  readonly method: string;
  /** As they stood, in order, those alone that an answer repeats. */
  readonly headers: readonly (readonly [name: string, line: string])[];
}

/** Nothing for what is no request, or lacks a header that the answer must repeat. */
function readRequest(text: string): SipRequest | undefined {
  const [start = '', ...lines] = text
    .split('\r\n\r\n')[0]!
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const method = /^([A-Z]+) \S+ SIP\/2\.0$/.exec(start)?.[1];
  const headers = lines.flatMap((line) => {
    const name = /^([\w-]+)\s*:/.exec(line)?.[1]?.toLowerCase() ?? '';
    const full = shortNames[name] ?? name;
    return copied.includes(full) ? [[full, line] as const] : [];
  });
  const complete = copied.every((name) => headers.some(([given]) => given === name));
  return method && complete ? { method, headers } : undefined;
}

function answerTo({ method, headers }: SipRequest): string | undefined {
  if (method === 'ACK' || method === 'INVITE' || method === 'CANCEL') return undefined;
  const status = method === 'OPTIONS' ? '200 OK' : '405 Method Not Allowed';
  const lines = headers.map(([name, line]) =>
    name === 'to' && !/;\s*tag=/.test(line) ? `${line};tag=emulated` : line,
  );
  return [`SIP/2.0 ${status}`, ...lines, `Allow: ${methods}`, 'Content-Length: 0', '', ''].join('\r\n');
}
