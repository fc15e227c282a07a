import type { Secret } from './secret.ts';

/** An API key of LiveKit and its secret. */
export interface ApiKey {
  readonly apiKey: string;
  readonly apiSecret: Secret;
}

/** The API keys that are ours at this moment. Whoever signs or verifies asks each time: keys change while calls run. */
export interface KeyRing {
  /** What is signed now is signed with this one. */
  signing(): ApiKey;
  /** Key → secret: whose signatures are believed, the signing key's among them. */
  all(): ReadonlyMap<string, Secret>;
}

/** A ring that whoever watches its source may change. */
export interface ChangingKeyRing extends KeyRing {
  /** From now on these; the first one signs. There must be one. */
  change(keys: ReadonlyMap<string, Secret>): void;
}

/** A ring of these keys, of which the first one signs. */
export function createKeyRing(keys: ReadonlyMap<string, Secret>): ChangingKeyRing {
  let all: ReadonlyMap<string, Secret> = new Map();
  let signing: ApiKey;
  const ring: ChangingKeyRing = {
    signing: () => signing,
    all: () => all,
    change(next) {
      const first = next.entries().next().value;
      if (!first) throw new Error('a ring has at least one key');
      all = new Map(next);
      signing = { apiKey: first[0], apiSecret: first[1] };
    },
  };
  ring.change(keys);
  return ring;
}
