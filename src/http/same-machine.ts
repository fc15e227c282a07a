import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../config.ts';
import { problem } from './problem.ts';

/**
 * Keeps the browser of this machine from being used against it: the `Host` must be a loopback name (a page that rebinds its
 * DNS name to 127.0.0.1 sends its own), and an `Origin`, where there is one, must be this very door.
 */
export const sameMachine: MiddlewareHandler = async (context, next) => {
  const host = context.req.header('host');
  const origin = context.req.header('origin');
  if (host === undefined || !isLoopback(hostnameOf(host))) return refused('host_not_allowed', 'Host');
  if (origin !== undefined && origin !== `http://${host}`) return refused('origin_not_allowed', 'Origin');
  await next();
  return undefined;
};

/** Without port and brackets; lower case. */
const hostnameOf = (host: string): string =>
  host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

const refused = (code: string, field: string): Response =>
  problem({
    status: 403,
    code,
    field,
    title: 'This door serves the machine it runs on and nobody else',
    fix: 'Open it by 127.0.0.1 or localhost; from elsewhere through a tunnel to it',
  });
