/** What of an offer (RFC 4566, RFC 3264) a telephone with PCMU needs. */
export interface Offer {
  /** Where sound is to be sent. */
  readonly address: string;
  readonly port: number;
  /** Payload type of RFC 4733 keys, where they are offered. */
  readonly keys: number | undefined;
}

/** Nothing where no PCMU is offered. */
export function readOffer(sdp: string): Offer | undefined {
  const [, port, formats = ''] = /^m=audio (\d+) RTP\/AVP (.*)$/m.exec(sdp) ?? [];
  const address = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
  if (!port || !address || !formats.trim().split(/\s+/).includes('0')) return undefined;
  const keys = /^a=rtpmap:(\d+) telephone-event\/8000/m.exec(sdp)?.[1];
  return { address, port: Number(port), keys: keys === undefined ? undefined : Number(keys) };
}

/** PCMU, and keys where they were offered; sound is to come to `at`. */
export function writeAnswer({ keys }: Offer, at: { readonly host: string; readonly port: number }): string {
  const { host, port } = at;
  const lines = [
    'v=0',
    `o=- ${port} 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0${keys === undefined ? '' : ` ${keys}`}`,
    'a=rtpmap:0 PCMU/8000',
    ...(keys === undefined ? [] : [`a=rtpmap:${keys} telephone-event/8000`, `a=fmtp:${keys} 0-16`]),
    'a=ptime:20',
    'a=sendrecv',
  ];
  return `${lines.join('\r\n')}\r\n`;
}
