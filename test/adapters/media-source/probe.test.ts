import { describe, expect, test } from 'vitest';
import type { Fetch, Given } from '../../../src/adapters/media-source/pinned-fetch.ts';
import { createSourceProbe } from '../../../src/adapters/media-source/probe.ts';
import { systemClock } from '../../../src/clock.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

interface Page {
  readonly status?: number;
  readonly location?: string;
  readonly type?: string;
  readonly body?: string | AsyncIterator<Uint8Array>;
}

const film: Page = { type: 'video/mp4', body: '\0\0\0\x20ftypisom' };
const names: Readonly<Record<string, readonly string[]>> = {
  'media.example': ['93.184.215.14'],
  'cdn.example': ['93.184.215.15', '2606:4700::1111'],
  'inside.example': ['10.0.0.7'],
  'half.example': ['93.184.215.14', '127.0.0.1'],
  'mapped.example': ['::ffff:169.254.169.254'],
};

/** A network of pages by address, with what was asked of it. */
function network(pages: Readonly<Record<string, Page>>) {
  const asked: string[] = [];
  let open = 0;
  const fetch: Fetch = async (url, addresses) => {
    asked.push(`${url.href} at ${addresses.join(' ')}`);
    const page = pages[url.href];
    if (!page) throw new Error('ECONNRESET');
    open += 1;
    return givenOf(page, () => (open -= 1));
  };
  const probe = createSourceProbe({
    rules: { hosts: [] },
    clock: systemClock,
    resolve: async (host) => names[host] ?? Promise.reject(new Error('ENOTFOUND')),
    fetch,
  });
  return { probe, asked, open: () => open };
}

function givenOf({ status = 200, location, type = '', body = '' }: Page, close: () => void): Given {
  return {
    status,
    ...(location !== undefined && { location }),
    contentType: type,
    body: typeof body === 'string' ? pieces(body) : body,
    close,
  };
}

async function* pieces(body: string): AsyncGenerator<Uint8Array> {
  // By three bytes: whoever reads must put them together.
  const size = body.length > 1000 ? 10_000 : 3;
  for (let at = 0; at < body.length; at += size)
    yield Uint8Array.from(body.slice(at, at + size), (each) => each.charCodeAt(0));
}

const look = async (url: string, pages: Readonly<Record<string, Page>>) => {
  const { probe, asked, open } = network(pages);
  const found = await probe.look(url);
  expect(open()).toBe(0);
  return { found, asked };
};

describe('R5.3 a source of media', () => {
  test('is what its type says and its first bytes show, at the address where it was found', async () => {
    const { found, asked } = await look('https://media.example/film', { 'https://media.example/film': film });
    expect(found).toEqual({ url: 'https://media.example/film', format: 'mp4' });
    expect(asked).toEqual(['https://media.example/film at 93.184.215.14']);
  });

  test('is followed through redirects, each name and address checked', async () => {
    const { found, asked } = await look('http://media.example/a', {
      'http://media.example/a': { status: 302, location: '/b?c' },
      'http://media.example/b?c': { status: 308, location: 'https://cdn.example/d' },
      'https://cdn.example/d': { ...film, status: 206 },
    });
    expect(found).toEqual({ url: 'https://cdn.example/d', format: 'mp4' });
    expect(asked[2]).toBe('https://cdn.example/d at 93.184.215.15 2606:4700::1111');
  });

  test.each<[string, Page, RegExp]>([
    [
      'to this machine',
      { status: 302, location: 'http://127.0.0.1/a' },
      /it leads to an address that must be at a host/,
    ],
    ['to this machine in octal', { status: 302, location: 'http://0177.1/a' }, /loopback/],
    ['to a cloud’s metadata', { status: 307, location: '//169.254.169.254/latest' }, /metadata/],
    ['to a name of the network', { status: 301, location: 'http://inside.example/' }, /has an address that is private/],
    ['to a file', { status: 302, location: 'file:///etc/passwd' }, /https:\/\/ or http:\/\//],
    ['with a password', { status: 302, location: 'https://a:canary@cdn.example/' }, /user or password/],
    ['to nowhere', { status: 302 }, /does not say where/],
    ['to nonsense', { status: 302, location: 'http://[' }, /must be an address/],
    ['to itself', { status: 302, location: '/a' }, /leads on more than 5 times/],
  ])('is refused when it leads %s', async (_, page, said) => {
    const { found, asked } = await look('https://media.example/a', { 'https://media.example/a': page });
    expect(found).toEqual({ problem: expect.stringMatching(said) });
    expect(JSON.stringify(found)).not.toContain('canary');
    expect(asked.every((each) => each.endsWith('https://media.example/a at 93.184.215.14'))).toBe(true);
  });

  test.each([
    ['inside.example', /private/],
    ['half.example', /loopback/],
    ['mapped.example', /IPv4 within IPv6/],
    ['nowhere.example', /cannot be found/],
  ])('at %s is refused before anything is sent, and the address is not told', async (host, said) => {
    const { found, asked } = await look(`https://${host}/film.mp4`, {});
    expect(found).toEqual({ problem: expect.stringMatching(said) });
    expect([asked, JSON.stringify(found)]).toEqual([[], expect.not.stringMatching(/\d+\.\d+\.\d+/)]);
  });

  test.each<[string, Page, RegExp]>([
    ['of another type', { type: 'text/html', body: '<!doctype html>' }, /it is text\/html; it must be HLS/],
    ['of a type that it is not', { type: 'video/mp4', body: '<!doctype html>' }, /does not begin as such a file does/],
    ['of no bytes', { type: 'video/mp4' }, /does not begin/],
    ['that is not there', { status: 404, type: 'video/mp4', body: film.body! }, /its server answers 404/],
    ['behind a door', { status: 401, type: 'video/mp4', body: film.body! }, /its server answers 401/],
  ])('%s is refused, whatever its name ends in', async (_, page, said) => {
    const { found } = await look('https://media.example/film.mp4', { 'https://media.example/film.mp4': page });
    expect(found).toEqual({ problem: expect.stringMatching(said) });
  });

  test('that cuts the connection is refused without the words of the system', async () => {
    const { found } = await look('https://media.example/a', {});
    expect(found).toEqual({ problem: 'its server cannot be reached, or cuts the connection' });
  });

  test('whose name answers otherwise the second time is asked where it was the first time, and refused at the next hop', async () => {
    const answers = [['93.184.215.14'], ['127.0.0.1']];
    const asked: string[] = [];
    const probe = createSourceProbe({
      rules: { hosts: [] },
      clock: systemClock,
      resolve: async () => answers.shift() ?? [],
      fetch: async (url, addresses) => {
        asked.push(`${url.pathname} at ${addresses.join(' ')}`);
        return givenOf({ status: 302, location: '/b' }, () => undefined);
      },
    });
    const found = await probe.look('https://media.example/a');
    expect([found, asked]).toEqual([
      { problem: 'its host media.example is none of the Internet: it has an address that is loopback' },
      ['/a at 93.184.215.14'],
    ]);
  });

  test('that never comes is given up in time', async () => {
    const clock = createVirtualClock(0);
    const silent: AsyncIterator<Uint8Array> = { next: () => new Promise(() => undefined) };
    for (const answer of [new Promise<Given>(() => undefined), givenOf({ ...film, body: silent }, () => undefined)]) {
      const probe = createSourceProbe({
        rules: { hosts: [] },
        clock,
        resolve: async () => ['93.184.215.14'],
        fetch: async () => answer,
      });
      const looking = probe.look('https://media.example/a');
      await clock.advance(10_000);
      expect(await looking).toEqual({ problem: 'its server takes too long' });
    }
  });

  test('that has no end is not read further than it must be', async () => {
    let read = 0;
    const endless: AsyncIterator<Uint8Array> = {
      next: async () => ({
        done: false,
        value: new Uint8Array([...'ID3\x04'].map((each) => (read++, each.charCodeAt(0)))),
      }),
    };
    const { found } = await look('https://media.example/radio', {
      'https://media.example/radio': { type: 'audio/mpeg', body: endless },
    });
    expect([found, read]).toEqual([{ url: 'https://media.example/radio', format: 'mp3' }, 12]);
  });
});

const playlist = (...lines: readonly string[]): Page => ({
  type: 'application/vnd.apple.mpegurl',
  body: ['#EXTM3U', ...lines].join('\n'),
});

describe('R5.3 a playlist', () => {
  const at = 'https://media.example/live/a.m3u8';
  test('is taken when all it names is out in the Internet', async () => {
    const page = playlist('#EXT-X-KEY:METHOD=AES-128,URI="https://cdn.example/key"', 'one.ts', '/two.ts');
    expect((await look(at, { [at]: page })).found).toEqual({ url: at, format: 'hls' });
  });

  test.each([
    ['http://169.254.169.254/latest', /its playlist names an address that .* metadata/],
    ['https://inside.example/one.ts', /private/],
    ['file:///etc/passwd', /https:\/\/ or http:\/\//],
    ['#EXT-X-DEFINE:NAME="h",VALUE="localhost"', /its playlist must not define variables/],
    ['#EXT-X-KEY:METHOD=AES-128,URI="http://localhost/key"', /host of the Internet/],
  ])('that names %s is refused', async (line, said) => {
    expect((await look(at, { [at]: playlist('one.ts', line) })).found).toEqual({
      problem: expect.stringMatching(said),
    });
  });

  test('that is too long, or names too many hosts, is refused', async () => {
    const long = playlist('x'.repeat(300_000));
    expect((await look(at, { [at]: long })).found).toEqual({
      problem: expect.stringMatching(/longer than 262144 bytes/),
    });
    const many = playlist(...Array.from({ length: 21 }, (_, n) => `https://h${n}.example/a.ts`));
    expect((await look(at, { [at]: many })).found).toEqual({ problem: expect.stringMatching(/more than 20 hosts/) });
  });
});
