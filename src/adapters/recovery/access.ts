import { createHash } from 'node:crypto';
import type { AccessMending } from '../../actors/mend-access.ts';
import type { Work, Worked } from '../../actors/trouble.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { ApiKey, ChangingKeyRing } from '../../key-ring.ts';
import type { Secret } from '../../secret.ts';
import type { Target } from '../../targets.ts';
import type { VendorKeys } from '../../vendor-keys.ts';
import { probeKey } from '../livekit/api/probe-key.ts';
import { bearing, noWay } from './work.ts';

export interface AccessMendingOptions {
  readonly ring: ChangingKeyRing;
  /** Keys as they are now where they come from; nothing when they cannot be used, or come from nowhere but the settings. */
  readonly readKeys: () => ReadonlyMap<string, Secret> | undefined;
  /** URL of the LiveKit that refused. */
  readonly livekitUrl: string;
  readonly look: Work;
  /** Of a vendor; nothing of what is none, or has none set. */
  readonly vendorKeys: (target: Target) => VendorKeys | undefined;
  /** Looks at a vendor by this key. */
  readonly lookBy: (key: Secret) => Work;
  /** Makes the connections to a target anew: those that are kept were let in by the key before. */
  readonly renew: Work;
  readonly clock: Clock;
}

/**
 * A key of LiveKit's that it knows: the first one of those that there are now. Of a vendor the next one of the environment that it takes;
 * what is opened or asked later is by that one.
 */
export function createAccessMending(options: AccessMendingOptions): AccessMending {
  return {
    refreshToken: bearing(async (trouble, given) =>
      trouble.target.startsWith('livekit-') ? freshKey(options) : nextKey(options, trouble, given),
    ),
    retry: options.look,
  };
}

async function nextKey(
  { vendorKeys, lookBy, renew }: AccessMendingOptions,
  ...[trouble, given]: Parameters<Work>
): Promise<Worked | Failure> {
  const { target } = trouble;
  const keys = vendorKeys(target);
  const others = keys?.others() ?? [];
  if (!keys || others.length === 0) return noWay(target, `there is no other key for ${target}`);
  const refused = hashOf(keys.reveal());
  for (const key of others) {
    // oxlint-disable-next-line no-await-in-loop
    const seen = await lookBy(key)(trouble, given);
    if (!('did' in seen) && seen.class !== 'auth') return seen;
    if (!('did' in seen)) continue;
    keys.use(key);
    // oxlint-disable-next-line no-await-in-loop
    const renewed = await renew(trouble, given);
    const did = `${target} is asked by the key ${hashOf(key.reveal())} instead of ${refused}`;
    return { did: 'did' in renewed ? `${did}; ${renewed.did}` : did };
  }
  return noWay(target, `${target} takes none of our other keys (${others.length})`, { class: 'auth' });
}

async function freshKey({ ring, readKeys, livekitUrl, clock }: AccessMendingOptions): Promise<Worked | Failure> {
  const refused = ring.signing().apiKey;
  const read = readKeys();
  if (read && !isSame(read, ring.all())) ring.change(read);
  for (const [apiKey, apiSecret] of ring.all()) {
    const key = { apiKey, apiSecret };
    // oxlint-disable-next-line no-await-in-loop
    const seen = await probeKey(livekitUrl, key, clock);
    if (!Array.isArray(seen)) return seen as Failure;
    if (seen.every((standing) => standing === 'known')) return signWith(ring, key, refused);
  }
  return noWay('livekit-room', `LiveKit knows none of our ${ring.all().size} keys`, { class: 'auth' });
}

/** The others are believed as before. */
function signWith(ring: ChangingKeyRing, { apiKey, apiSecret }: ApiKey, refused: string): Worked {
  if (ring.signing().apiKey !== apiKey) ring.change(new Map([[apiKey, apiSecret], ...ring.all()]));
  return apiKey === refused
    ? { did: `LiveKit takes the key ${hashOf(apiKey)}: the next token is signed anew by it` }
    : { did: `tokens are signed by the key ${hashOf(apiKey)} instead of ${hashOf(refused)}` };
}

const isSame = (one: ReadonlyMap<string, Secret>, other: ReadonlyMap<string, Secret>): boolean =>
  one.size === other.size && [...one].every(([key, secret]) => other.get(key)?.reveal() === secret.reveal());

/** Tells keys apart without naming them. */
const hashOf = (apiKey: string): string => createHash('sha256').update(apiKey).digest('hex').slice(0, 8);
