/** Reads until the value fits; rejects with the last value read. For what tells nobody when it changes. */
export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  fits: (value: Value) => boolean,
  limitMs = 40_000,
): Promise<Value> {
  const limit = performance.now() + limitMs;
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop
    const value = await read();
    if (fits(value)) return value;
    if (performance.now() > limit) throw new Error(`not within ${limitMs} ms; last: ${JSON.stringify(value)}`);
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => void setTimeout(resolve, 30));
  }
}
