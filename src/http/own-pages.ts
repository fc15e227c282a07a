import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../config.ts';
import { problem } from './problem.ts';

/**
 * Keeps a browser from being used against this door: the `Host` must be a loopback name or the one of `publicUrl` (a page that
 * rebinds its DNS name to us sends its own), and an `Origin`, where there is one, must be this very door.
 */
export const ownPagesOnly = (publicUrl: string | undefined): MiddlewareHandler => {
  const outside = publicUrl === undefined ? undefined : new URL(publicUrl);
  return async (context, next) => {
    const host = context.req.header('host');
    const origin = context.req.header('origin');
    if (host === undefined || !(isLoopback(hostnameOf(host)) || host.toLowerCase() === outside?.host))
      return refused('host_not_allowed', 'Host', outside);
    const own = host.toLowerCase() === outside?.host ? outside.origin : `http://${host}`;
    if (origin !== undefined && origin !== own) return refused('origin_not_allowed', 'Origin', outside);
    await next();
    return undefined;
  };
};

/** Without port and brackets; lower case. */
const hostnameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

const refused = (code: string, field: string, outside: URL | undefined): Response =>
  problem({
    status: 403,
    code,
    field,
    title: 'This door serves its own pages, by its own names',
    fix: outside
      ? `Open it by ${outside.origin}`
      : 'Open it by 127.0.0.1 or localhost; from elsewhere through a tunnel to it',
  });
