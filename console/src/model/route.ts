export interface Route {
  readonly callKey?: string;
  readonly page?: 'health';
}

const callRoute = /^#\/calls\/(.+)$/;

/** Which page the hash of the address asks for; the list, when it asks for none there is. */
export function readRoute(hash: string): Route {
  if (hash === healthHref) return { page: 'health' };
  const key = callRoute.exec(hash)?.[1];
  if (key === undefined) return {};
  try {
    return { callKey: decodeURIComponent(key) };
  } catch {
    return {};
  }
}

/** The end of a link that logs in once. */
export const linkOf = (hash: string): string | undefined => /^#\/enter\/([\w-]{1,100})$/.exec(hash)?.[1];

export const listHref = '#/';
export const healthHref = '#/health';
export const callHref = (callKey: string): string => `#/calls/${encodeURIComponent(callKey)}`;

/** The demo's phone, when the page was opened with one; it must be a program of this machine. */
export function phoneOf(search: string): string | undefined {
  const given = new URLSearchParams(search).get('phone');
  if (given === null || !URL.canParse(given)) return undefined;
  const { protocol, hostname, href } = new URL(given);
  return protocol === 'http:' && hostname === '127.0.0.1' ? href : undefined;
}
