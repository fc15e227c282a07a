/** Makes samples of little-endian bytes, which may be cut anywhere: an odd byte waits for its other half. */
export function createSampleReader(): (bytes: Uint8Array) => Int16Array {
  let odd: number | undefined;
  return (bytes) => {
    const carried = odd === undefined ? 0 : 1;
    const samples = new Int16Array((bytes.length + carried) >> 1);
    const at = (i: number) => (i < carried ? odd! : bytes[i - carried]!);
    for (let i = 0; i < samples.length; i += 1) samples[i] = at(2 * i) | (at(2 * i + 1) << 8);
    odd = (bytes.length + carried) % 2 === 1 ? at(bytes.length + carried - 1) : undefined;
    return samples;
  };
}
