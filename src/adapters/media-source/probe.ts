import type { Clock } from '../../clock.ts';
import { formatOf, hostOf, insideKind, namedIn, readSourceUrl, type SourceRules } from '../../ingress.ts';
import type { SourceFinding, SourceProbe } from '../../runtime/ingresses.ts';
import type { Fetch, Given } from './pinned-fetch.ts';

export interface SourceProbeOptions {
  readonly rules: SourceRules;
  readonly clock: Clock;
  /** All addresses of a host. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  readonly fetch: Fetch;
  /** For all of it. Default 10,000. */
  readonly limitMs?: number;
}

const mostHops = 5;
const mostPlaylistBytes = 256 * 1024;
const mostHosts = 20;
/** As many as any format needs to be known by. */
const enoughBytes = 12;

/** Why a source may not be pulled; its message goes on from "its …" or "it …". */
class Refused extends Error {}

/** Looks at a source as LiveKit will: name by name, hop by hop, to its first bytes. */
export function createSourceProbe({ rules, clock, resolve, fetch, limitMs = 10_000 }: SourceProbeOptions): SourceProbe {
  /** The addresses of a host, all of which are out in the Internet. */
  async function addressesOf(url: URL): Promise<readonly string[]> {
    const host = hostOf(url);
    const addresses = await resolve(host).catch(() => []);
    if (addresses.length === 0) throw new Refused(`its host ${host} cannot be found`);
    for (const address of addresses) {
      const kind = insideKind(address);
      if (kind !== undefined)
        throw new Refused(`its host ${host} is none of the Internet: it has an address that is ${kind}`);
    }
    return addresses;
  }

  const readable = (text: string, what: string): URL => {
    const reading = readSourceUrl(text, rules);
    if ('problem' in reading) throw new Refused(`${what} ${reading.problem}`);
    return reading.url;
  };

  async function looked(text: string, signal: AbortSignal): Promise<SourceFinding> {
    let url = readable(text, 'it');
    for (let hop = 0; hop <= mostHops; hop += 1) {
      const given = await fetch(url, await addressesOf(url), signal);
      try {
        const next = redirected(given, url);
        if (next === undefined) return { url: url.href, format: await judged(given, url) };
        url = readable(next, 'it leads to an address that');
      } finally {
        given.close();
      }
    }
    throw new Refused(`it leads on more than ${mostHops} times`);
  }

  async function judged(given: Given, url: URL) {
    if (given.status !== 200 && given.status !== 206) throw new Refused(`its server answers ${given.status}`);
    const first = await taken(given, enoughBytes);
    const format = formatOf(given.contentType, first);
    if (typeof format !== 'string') throw new Refused(`it ${format.problem}`);
    if (format === 'hls') await playlist(given, first, url);
    return format;
  }

  /** What a playlist names is pulled as well. */
  async function playlist(given: Given, first: Uint8Array, url: URL): Promise<void> {
    const rest = await taken(given, mostPlaylistBytes);
    if (rest.length >= mostPlaylistBytes) throw new Refused(`its playlist is longer than ${mostPlaylistBytes} bytes`);
    const named = namedIn(new TextDecoder().decode(joined([first, rest])));
    if ('problem' in named) throw new Refused(`its playlist ${named.problem}`);
    const urls = named.map((each) =>
      readable(URL.parse(each, url.href)?.href ?? each, 'its playlist names an address that'),
    );
    const hosts = new Map(urls.map((each) => [each.host, each]));
    if (hosts.size > mostHosts) throw new Refused(`its playlist names more than ${mostHosts} hosts`);
    await Promise.all([...hosts.values()].map(addressesOf));
  }

  return {
    async look(url) {
      const late = new AbortController();
      const timer = clock.setTimeout(() => late.abort(), limitMs);
      try {
        return await Promise.race([looked(url, late.signal), aborted(late.signal)]);
      } catch (error) {
        return {
          problem: error instanceof Refused ? error.message : 'its server cannot be reached, or cuts the connection',
        };
      } finally {
        clock.clearTimeout(timer);
        late.abort();
      }
    },
  };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Refused('its server takes too long')), { once: true }),
  );

function redirected({ status, location }: Given, from: URL): string | undefined {
  if (status < 300 || status > 399) return undefined;
  if (location === undefined) throw new Refused(`its server answers ${status} and does not say where to go`);
  return URL.parse(location, from.href)?.href ?? location;
}

/** What comes next, up to that many bytes and the rest of a piece. */
async function taken({ body }: Given, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  while (length < most) {
    const { done, value } = await body.next();
    if (done) break;
    pieces.push(value);
    length += value.length;
  }
  return joined(pieces);
}

const joined = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces));
