import type { Work } from '../../actors/trouble.ts';
import type { Connections } from '../../runtime/connections.ts';
import { bearing } from './work.ts';

/** Makes all connections to the target anew. */
export const renewing = (kept: () => readonly Connections[]): Work =>
  bearing(async ({ target }) => {
    const own = kept().filter(({ to }) => to.includes(target));
    if (own.length === 0) return { did: `each use of ${target} opens a connection of its own` };
    const failures = await Promise.all(own.map((each) => each.renew()));
    return (
      failures.find((failure) => failure !== undefined) ?? { did: `renewed ${own.map(({ what }) => what).join(', ')}` }
    );
  });
