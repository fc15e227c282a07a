import { lookup } from 'node:dns/promises';
import { Client } from 'undici';
import { pinned } from '../pinned-lookup.ts';

/** What a server gave, with its body still to come. */
export interface Given {
  readonly status: number;
  readonly location?: string;
  /** Empty when it says none. */
  readonly contentType: string;
  readonly body: AsyncIterator<Uint8Array>;
  /** Ends the connection. Idempotent. */
  close(): void;
}

/** Asks once, at these addresses and no others, and follows nothing. Rejects when nothing comes. */
export type Fetch = (url: URL, addresses: readonly string[], signal: AbortSignal) => Promise<Given>;

/** As the system has it, its hosts file included. */
export const resolveHost = async (host: string): Promise<readonly string[]> =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

const mostHeaderBytes = 16 * 1024;

/** The name is not resolved again: a server whose name answers otherwise the second time gains nothing. */
export const pinnedFetch: Fetch = async (url, addresses, signal) => {
  const client = new Client(url.origin, {
    connect: { lookup: pinned(addresses), timeout: 5000 },
    maxHeaderSize: mostHeaderBytes,
    allowH2: false,
    pipelining: 1,
  });
  const close = () => void client.destroy().catch(() => undefined);
  try {
    const answer = await client.request({
      method: 'GET',
      path: `${url.pathname}${url.search}`,
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'voicechart' },
      signal,
    });
    answer.body.on('error', () => undefined);
    const header = (name: string) => answer.headers[name]?.toString();
    const location = header('location');
    return {
      status: answer.statusCode,
      ...(location !== undefined && { location }),
      contentType: header('content-type') ?? '',
      body: answer.body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>,
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};
