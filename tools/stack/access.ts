import { systemClock } from '../../src/clock.ts';
import { openAccess } from '../../src/wiring/access.ts';

/** How to come into an instance on this machine: as an operator, by a key that was put into its data folder. */
export interface InstanceAccess {
  /** What a request to its API says. */
  readonly headers: Readonly<Record<string, string>>;
  /** A new address of the console at this API that logs a browser in, once, within ten minutes. */
  consoleLink(api: string, search?: string): Promise<string>;
}

/** Works before the instance starts, and while it runs. */
export async function accessTo(dataDir: string): Promise<InstanceAccess> {
  const { keys, links } = openAccess(dataDir, systemClock);
  const { key, text } = await keys.create({ name: 'this machine', role: 'operator' });
  return {
    headers: { authorization: `Bearer ${text}` },
    async consoleLink(api, search = '') {
      const link = await links.issue(key.id);
      if (link === 'full') throw new Error('there are too many links that nobody used');
      return `${api}/console/${search}#/enter/${link.secret}`;
    },
  };
}
