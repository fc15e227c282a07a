export type SipHeader = readonly [name: string, value: string];

/** A SIP message (RFC 3261 §7). Names of headers are in lower case and in full. */
export interface SipMessage {
  /** Request line or status line. */
  readonly start: string;
  readonly headers: readonly SipHeader[];
  readonly body: string;
}

/** RFC 3261 §7.3.3, RFC 3515, RFC 6665. */
const shortNames: Readonly<Record<string, string>> = {
  c: 'content-type',
  f: 'from',
  i: 'call-id',
  l: 'content-length',
  m: 'contact',
  o: 'event',
  r: 'refer-to',
  t: 'to',
  v: 'via',
};

/** Nothing for what is no SIP message, such as a keep-alive. */
export function readMessage(text: string): SipMessage | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [start = '', ...lines] = text
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  if (!/^SIP\/2\.0 \d{3} |^[A-Z]+ \S+ SIP\/2\.0$/.test(start)) return undefined;
  return { start, headers: lines.flatMap(readHeader), body: text.slice(end + 4) };
}

function readHeader(line: string): readonly SipHeader[] {
  const [, name = '', value = ''] = /^([\w-]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
  const lower = name.toLowerCase();
  return name ? [[shortNames[lower] ?? lower, value]] : [];
}

export function writeMessage({ start, headers, body }: SipMessage): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return [start, ...lines, `content-length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** The first header of this name; empty where there is none. */
export const headerOf = ({ headers }: SipMessage, name: string): string =>
  headers.find(([given]) => given === name)?.[1] ?? '';

/** `INVITE` of a request; nothing for an answer. */
export const methodOf = ({ start }: SipMessage): string | undefined => /^([A-Z]+) \S+ SIP\//.exec(start)?.[1];

/** The URI that a request asks. */
export const askedUri = ({ start }: SipMessage): string => start.split(' ')[1] ?? '';

/** The URI in a From, To, Contact or Refer-To. */
export const uriOf = (value: string): string => /<([^>]*)>/.exec(value)?.[1] ?? value.split(';')[0]!.trim();

/** Number of a CSeq. */
export const sequenceOf = (message: SipMessage): number => Number.parseInt(headerOf(message, 'cseq'), 10);

const repeated = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

/** An answer to a request, with our tag in its To (RFC 3261 §8.2.6). */
export function answerTo(
  request: SipMessage,
  options: {
    readonly status: number;
    readonly reason: string;
    readonly tag: string;
    readonly headers?: readonly SipHeader[];
    readonly body?: string;
  },
): SipMessage {
  const { status, reason, tag, headers = [], body = '' } = options;
  const kept = request.headers
    .filter(([name]) => repeated.has(name))
    .map(([name, value]): SipHeader => [
      name,
      name === 'to' && !/;\s*tag=/.test(value) ? `${value};tag=${tag}` : value,
    ]);
  return { start: `SIP/2.0 ${status} ${reason}`, headers: [...kept, ...headers], body };
}
