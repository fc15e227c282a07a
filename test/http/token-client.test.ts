import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

interface Tokens {
  newest(): Promise<string>;
}
type Follow = (stream: string, options: { readonly ended: (why: string) => void }) => Tokens;
// Plain JavaScript, for pages: it has no types.
const helper: string = new URL('../../docs/token-client.js', import.meta.url).href;
const { followTokens } = (await import(helper)) as { readonly followTokens: Follow };

/** What a browser has, as far as the helper uses it. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 0;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
    FakeSource.opened.push(this);
  }
  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
  tell(news: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(news) }));
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

beforeEach(() => {
  FakeSource.opened = [];
  vi.stubGlobal('EventSource', FakeSource);
});
afterEach(() => vi.unstubAllGlobals());

function opened() {
  const ends: string[] = [];
  const tokens = followTokens('/tokens/1/stream', { ended: (why) => void ends.push(why) });
  return { tokens, source: FakeSource.opened[0]!, ends };
}

const inMs = (ms: number): number => Date.now() + ms;

describe('the browser’s helper', () => {
  test('gives the newest token, to those who waited too', async () => {
    const { tokens, source } = opened();
    const waiting = [tokens.newest(), tokens.newest()];
    source.tell({ seq: 1, token: 'one', expiresAt: inMs(600_000) });
    expect(await Promise.all(waiting)).toEqual(['one', 'one']);
    source.tell({ seq: 2, token: 'two', expiresAt: inMs(600_000) });
    expect(await tokens.newest()).toBe('two');
    expect(source.url).toBe('/tokens/1/stream');
  });

  test('one that is about to end is not given: the next one is waited for', async () => {
    const { tokens, source } = opened();
    source.tell({ seq: 1, token: 'one', expiresAt: inMs(4_000) });
    const next = tokens.newest();
    source.tell({ seq: 2, token: 'two', expiresAt: inMs(600_000) });
    expect(await next).toBe('two');
  });

  test('tells once when there are no more, and why', async () => {
    const { tokens, source, ends } = opened();
    const waiting = tokens.newest();
    source.tell({ seq: 2, ended: 'revoked' });
    source.fail(FakeSource.CLOSED);
    await expect(waiting).rejects.toThrow('no more tokens: revoked');
    await expect(tokens.newest()).rejects.toThrow('revoked');
    expect([ends, source.readyState]).toEqual([['revoked'], FakeSource.CLOSED]);
  });

  test('a stream that breaks is left to the browser, which comes again; one that is refused is the end', () => {
    const { source, ends } = opened();
    source.fail(0);
    expect(ends).toEqual([]);
    source.fail(FakeSource.CLOSED);
    expect(ends).toEqual(['unknown']);
  });
});
