import { afterEach, beforeEach, expect } from 'vitest';

/** Fails each test of the file in which a promise was rejected with nobody listening: in production that ends the process. */
export function expectNoUnhandledRejections(): void {
  const seen: unknown[] = [];
  const note = (reason: unknown) => void seen.push(reason);
  beforeEach(() => {
    seen.length = 0;
    process.on('unhandledRejection', note);
  });
  afterEach(async () => {
    // Rejections are reported after the microtasks of a turn.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    expect(seen).toEqual([]);
  });
}
