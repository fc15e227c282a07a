import { connect } from 'node:net';

/** An answer to a plain request: how long it took, and the time its server believes it is. */
export interface Answered {
  readonly status: number;
  readonly tookMs: number;
  /** The server's clock minus ours; its header counts in whole seconds. */
  readonly aheadMs?: number;
}

/** What came of asking a server: `unreachable` in a few words, such as `ECONNREFUSED`. */
export type Asked = Answered | { readonly unreachable: string };

/** Asks for a page, follows no redirect. Never rejects. */
export async function askServer(url: string, now: () => number, signal: AbortSignal): Promise<Asked> {
  const askedAt = now();
  try {
    const answer = await fetch(url, { redirect: 'manual', signal });
    const cameAt = now();
    await answer.body?.cancel();
    const date = Date.parse(answer.headers.get('date') ?? '');
    // Half a second was cut off on average.
    const ahead = Number.isNaN(date) ? {} : { aheadMs: date + 500 - (askedAt + cameAt) / 2 };
    return { status: answer.status, tookMs: cameAt - askedAt, ...ahead };
  } catch (error) {
    return { unreachable: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return cause === undefined ? (message ?? String(error)) : reasonOf(cause);
}

/** `ws://` as `http://`, since both are spoken at one port. */
export const httpOf = (url: string): string => url.replace(/^ws/, 'http').replace(/\/$/, '');

/** The address of ours by which a server may reach this machine, as the way to it shows. */
export function ownAddressTowards(url: string): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || portOf(protocol),
    timeout: 2000,
  });
  return new Promise((resolve) => {
    const end = (address?: string): void => {
      socket.destroy();
      resolve(address);
    };
    socket.once('connect', () => end(socket.localAddress?.replace(/^::ffff:/, '')));
    socket.once('timeout', () => end());
    socket.once('error', () => end());
  });
}

const portOf = (protocol: string): number => (/^(?:wss|https):$/.test(protocol) ? 443 : 80);
