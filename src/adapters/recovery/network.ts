import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import type { NetworkMending } from '../../actors/mend-network.ts';
import type { Work } from '../../actors/trouble.ts';
import { type Address, showAddress } from '../../config.ts';
import type { Target } from '../../targets.ts';
import { classifyErrno, errnoOf } from '../classify.ts';
import { bearing, inTurn, noWay } from './work.ts';

/** Where a target is. Over UDP nothing but its name can be looked at beforehand. */
export interface Place extends Address {
  readonly over: 'tcp' | 'udp';
}

export interface NetworkMendingOptions {
  /** Nothing where the target is not configured. */
  readonly placeOf: (target: Target) => Place | undefined;
  /** Somewhere else, to tell whether anything can be reached. */
  readonly elsewhere: (target: Target) => readonly Place[];
  readonly renew: Work;
  readonly look: Work;
}

export function createNetworkMending({ placeOf, elsewhere, renew, look }: NetworkMendingOptions): NetworkMending {
  return {
    check: bearing(async ({ target }, { signal }) => {
      const place = placeOf(target);
      if (!place) return noWay(target, `it is not configured where ${target} is`);
      const errno = await unreachable(place, signal);
      if (errno === undefined) return { did: `${showAddress(place)} can be reached` };
      const others = await Promise.all(elsewhere(target).map((other) => unreachable(other, signal)));
      const isTheirs = others.includes(undefined);
      const message = `${showAddress(place)}: ${errno}; ${isTheirs ? 'others can be reached' : 'nobody else can be reached either'}`;
      return classifyErrno({ vendor: target, phase: 'connect', message, errno });
    }),
    reconnect: inTurn(renew, look),
  };
}

const withinMs = 2000;

/** The system's word for why nothing came about; nothing when it did. */
async function unreachable({ host, port, over }: Place, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { address } = await lookup(host);
    return over === 'udp'
      ? undefined
      : await refusal(address, port, AbortSignal.any([signal, AbortSignal.timeout(withinMs)]));
  } catch (error) {
    return errnoOf(error) ?? 'ENOTFOUND';
  }
}

function refusal(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ host, port, signal });
  socket.once('connect', () => resolve(undefined));
  socket.once('error', (error) => resolve(signal.aborted ? 'ETIMEDOUT' : (errnoOf(error) ?? 'ECONNRESET')));
  return promise.finally(() => socket.destroy());
}
