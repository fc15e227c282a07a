const serial = 1;
const frameMs = 20;
const samplesPerFrame = 960;
const framesPerPage = 50;
/** One 20 ms frame of Opus (CELT, full band, mono) that is silence. */
const silence = Buffer.from([0xf8, 0xff, 0xfe]);
const first = 2;
const last = 4;

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc & 0x80_00_00_00 ? 0x04_c1_1d_b7 : 0);
  return crc >>> 0;
});

const crcOf = (bytes: Buffer): number =>
  bytes.reduce((crc, byte) => ((crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 0xff]!) >>> 0, 0);

/** An Ogg page (RFC 3533) of whole packets below 255 bytes. `position`: 48 kHz samples up to its end. */
function page(packets: readonly Buffer[], number: number, position: number, flags: number): Buffer {
  const head = Buffer.alloc(27 + packets.length);
  head.write('OggS');
  head[5] = flags;
  head.writeBigUInt64LE(BigInt(position), 6);
  head.writeUInt32LE(serial, 14);
  head.writeUInt32LE(number, 18);
  head[26] = packets.length;
  packets.forEach((packet, i) => (head[27 + i] = packet.length));
  const whole = Buffer.concat([head, ...packets]);
  whole.writeUInt32LE(crcOf(whole), 22);
  return whole;
}

/** RFC 7845: version 1, one channel, no samples to skip, 48 kHz. */
function opusHead(): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead');
  head[8] = 1;
  head[9] = 1;
  head.writeUInt32LE(48_000, 12);
  return head;
}

function opusTags(): Buffer {
  const vendor = Buffer.from('emulator');
  const tags = Buffer.alloc(16 + vendor.length);
  tags.write('OpusTags');
  tags.writeUInt32LE(vendor.length, 8);
  vendor.copy(tags, 12);
  return tags;
}

/** Silence of this length (up to the next 20 ms) in Ogg Opus, that players play. */
export function silentOgg(durationMs: number): Buffer {
  const frames = Math.max(1, Math.ceil(durationMs / frameMs));
  const pages = [page([opusHead()], 0, 0, first), page([opusTags()], 1, 0, 0)];
  for (let at = 0; at < frames; at += framesPerPage) {
    const count = Math.min(framesPerPage, frames - at);
    const end = at + count;
    const packets = Array.from({ length: count }, () => silence);
    pages.push(page(packets, pages.length, end * samplesPerFrame, end === frames ? last : 0));
  }
  return Buffer.concat(pages);
}
