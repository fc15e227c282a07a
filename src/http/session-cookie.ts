/** A cookie belongs to a host with all its ports: its name tells the instances of one machine apart. */
function nameOf({ headers }: Request): string {
  const port = /:(\d+)$/.exec(headers.get('host') ?? '')?.[1];
  return port === undefined ? 'voicechart' : `voicechart_${port}`;
}

/** The secret of the session that a browser came with. */
export function sessionOf(request: Request): string | undefined {
  const name = nameOf(request);
  const pairs = (request.headers.get('cookie') ?? '').split(/; */).map((pair) => pair.split('='));
  const value = pairs.find(([key]) => key === name)?.[1];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : undefined;
}

/** No page can read it, and no other site's page has it sent. `secure` where browsers come by https. */
export function sessionCookie(request: Request, secret: string, lifeMs: number, secure: boolean): string {
  const life = Math.max(0, Math.floor(lifeMs / 1000));
  const rules = `Path=/; Max-Age=${life}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${nameOf(request)}=${secret}; ${rules}`;
}
