import { type ChangingKeyRing, createKeyRing } from '../../src/key-ring.ts';
import { Secret } from '../../src/secret.ts';

/** A ring of these pairs, of which the first one signs. */
export const ringOf = (...pairs: readonly (readonly [apiKey: string, secret: string])[]): ChangingKeyRing =>
  createKeyRing(keysOf(...pairs));

export const keysOf = (...pairs: readonly (readonly [apiKey: string, secret: string])[]): ReadonlyMap<string, Secret> =>
  new Map(pairs.map(([apiKey, secret]) => [apiKey, new Secret(secret)]));

/** A ring of the pair of a server. */
export const ringFor = ({ apiKey, apiSecret }: { readonly apiKey: string; readonly apiSecret: string }) =>
  ringOf([apiKey, apiSecret]);
