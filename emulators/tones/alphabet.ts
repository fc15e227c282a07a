/**
 * How a word becomes tones: 19 of them, 130 Hz apart, inside the telephone band. 17 carry data, one opens a word, one closes it.
 * Each 4-bit value moves the tone by 1…16 places, so that neighbours never share a tone and the receiver needs no clock.
 */
const dataTones = 17;
export const startTone = 17;
export const endTone = 18;
export const toneCount = 19;
export const toneHz = (tone: number): number => 500 + 130 * tone;

/** Longest text of one word, in bytes as sent. */
const maxTextBytes = 120;
const checkedBytes = 4;
/** Symbols of the longest word, without start and end. */
export const maxSymbols = 2 * (maxTextBytes + checkedBytes);

// Never the first byte of UTF-8: what follows has one byte a letter, ASCII below 0x80 and U+0400…U+047F above.
const cyrillicMark = 0xff;
const fitsCyrillic = /^[\p{ASCII}\u0400-\u047f]*[\u0400-\u047f][\p{ASCII}\u0400-\u047f]*$/u;
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Nibble-carrying tones of a word with its number and check, between `startTone` and `endTone`. */
export function tonesOf(word: string, number: number): number[] {
  const tones = [startTone];
  let tone = 0;
  for (const byte of frameOf(word, number)) {
    tone = (tone + 1 + (byte >> 4)) % dataTones;
    tones.push(tone);
    tone = (tone + 1 + (byte & 15)) % dataTones;
    tones.push(tone);
  }
  return [...tones, endTone];
}

/** Number of tones of a word. */
export const toneLength = (word: string): number => 2 + 2 * (checkedBytes + textBytes(word).length);

/** The value that leads from one data tone to the next; 16 is no value. */
export const valueBetween = (previous: number, tone: number): number => (tone - previous + dataTones - 1) % dataTones;

/** Reads the 4-bit values of one word back; nothing when anything is wrong with them. */
export function wordOf(values: readonly number[]): { number: number; text: string } | undefined {
  if (values.length % 2 === 1 || values.length <= 2 * checkedBytes || values.some((value) => value > 15))
    return undefined;
  const bytes = Uint8Array.from({ length: values.length / 2 }, (_, i) => (values[2 * i]! << 4) | values[2 * i + 1]!);
  if (crc16(bytes) !== 0) return undefined;
  const text = textOf(bytes.subarray(2, -2));
  return text === undefined ? undefined : { number: (bytes[0]! << 8) | bytes[1]!, text };
}

function frameOf(word: string, number: number): Uint8Array {
  if (!Number.isInteger(number) || number < 0 || number > 0xffff) {
    throw new RangeError(`word number must be an integer of 0…65535, got ${number}`);
  }
  const text = textBytes(word);
  const bytes = new Uint8Array(text.length + checkedBytes);
  bytes.set([number >> 8, number & 255]);
  bytes.set(text, 2);
  const check = crc16(bytes.subarray(0, -2));
  bytes.set([check >> 8, check & 255], text.length + 2);
  return bytes;
}

function textBytes(word: string): Uint8Array {
  const bytes = fitsCyrillic.test(word) ? cyrillicBytes(word) : new TextEncoder().encode(word);
  if (bytes.length === 0 || bytes.length > maxTextBytes) {
    throw new RangeError(`a word has 1…${maxTextBytes} bytes, got ${bytes.length}`);
  }
  return bytes;
}

function cyrillicBytes(word: string): Uint8Array {
  const letters = Array.from(word, (letter) => letter.charCodeAt(0));
  return Uint8Array.from([cyrillicMark, ...letters.map((code) => (code < 0x80 ? code : code - 0x0400 + 0x80))]);
}

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === cyrillicMark) {
    return Array.from(bytes.subarray(1), (code) => String.fromCharCode(code < 0x80 ? code : code - 0x80 + 0x0400)).join(
      '',
    );
  }
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** CRC-16/CCITT-FALSE: zero over data followed by its own check. */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
