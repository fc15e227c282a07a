import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import { openLink, type Link, type Tenant } from './link.ts';
import type { SdkOptions } from './sdk.ts';

export interface PoolOptions extends SdkOptions {
  readonly clock: Clock;
  /** One drop hits every utterance on its socket, so they are few. */
  readonly perSocket: number;
  /** The vendor closes a socket after five idle minutes. */
  readonly idleMs: number;
  readonly scrub: (failure: Failure) => Failure;
}

export interface Pool {
  /** A socket for one utterance, already attached. */
  take(tenant: Tenant): Link;
  /** Gives a place back; `suspect` when the socket owed an answer for too long. */
  leave(link: Link, tenant: Tenant, suspect: boolean): void;
  /** Makes sure that a socket waits which stays good for half of `idleMs`; settles when it is open or has failed. */
  warm(): Promise<Failure | undefined>;
  /** Gives none of its sockets to anybody new; each closes when the last utterance on it is over. */
  drop(): void;
  close(): void;
}

/** A socket that owes an answer for longer than this, and says nothing to anybody, is given to nobody else. */
export const suspectMs = 1000;

export function createPool(options: PoolOptions): Pool {
  const { clock, perSocket, idleMs } = options;
  const links = new Set<Link>();

  function sweep(keptMs: number): void {
    for (const link of links) {
      const stale = link.tenants() === 0 && clock.now() - link.usedAt() > keptMs;
      if (stale || link.silentMs() > suspectMs) link.retire();
      if (link.state() === 'lost') links.delete(link);
    }
  }

  function free(keptMs = idleMs): Link {
    sweep(keptMs);
    const found = [...links].find((link) => !link.retired() && link.tenants() < perSocket);
    if (found) return found;
    const link = openLink(options, clock, options.scrub);
    links.add(link);
    return link;
  }

  return {
    take(tenant) {
      const link = free();
      link.attach(tenant);
      return link;
    },
    leave(link, tenant, suspect) {
      link.detach(tenant);
      if (suspect) link.retire();
    },
    warm() {
      const link = free(idleMs / 2);
      if (link.state() === 'open') return Promise.resolve(undefined);
      return new Promise((resolve) => {
        const settle = (failure?: Failure) => {
          link.detach(tenant);
          resolve(failure);
        };
        const tenant: Tenant = {
          opened: () => settle(),
          lost: settle,
          message: () => undefined,
          waitingSince: () => undefined,
        };
        link.attach(tenant);
      });
    },
    drop() {
      for (const link of links) link.retire();
    },
    close() {
      for (const link of links) link.close();
    },
  };
}
