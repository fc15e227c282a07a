/** Reads a body of at most `mostBytes` without ever holding more; `undefined` when it is longer, which ends the reading. */
export async function readBounded(request: Request, mostBytes: number): Promise<Uint8Array | undefined> {
  if (saysLonger(request, mostBytes)) return undefined;
  // Node's server reads no more than was said, and at once where no stream is asked for.
  if (request.headers.has('content-length')) return atMost(mostBytes, new Uint8Array(await request.arrayBuffer()));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return joined(chunks, length);
}

/** What the sender says itself; a chunked body says nothing. */
export const saysLonger = (request: Request, mostBytes: number): boolean =>
  Number(request.headers.get('content-length') ?? 0) > mostBytes;

const atMost = (mostBytes: number, body: Uint8Array): Uint8Array | undefined =>
  body.byteLength > mostBytes ? undefined : body;

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
