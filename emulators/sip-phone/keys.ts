export const keyNames = '0123456789*#ABCD';

/** One packet's part of a key. */
export interface KeyPacket {
  readonly payload: Buffer;
  readonly isFirst: boolean;
}

const sends = 5;
const ends = 3;
const packetSamples = 160;

/** A key of 100 ms as packets to be sent 20 ms apart, all with one timestamp (RFC 4733 §2.5); its end is told three times. */
export function packetsOfKey(key: string): readonly KeyPacket[] {
  const event = keyNames.indexOf(key);
  if (event < 0 || key.length !== 1) throw new Error(`key: must be one of ${keyNames}, not ${JSON.stringify(key)}`);
  return Array.from({ length: sends + ends - 1 }, (_, index) => {
    const payload = Buffer.from([event, index >= sends - 1 ? 0x80 + volume : volume, 0, 0]);
    payload.writeUInt16BE(Math.min(index + 1, sends) * packetSamples, 2);
    return { payload, isFirst: index === 0 };
  });
}

/** -10 dBm0. */
const volume = 10;
