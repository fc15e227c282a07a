import { createHash } from 'node:crypto';
import type { AccessMending } from '../../actors/mend-access.ts';
import type { Work, Worked } from '../../actors/trouble.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { ApiKey, ChangingKeyRing } from '../../key-ring.ts';
import type { Secret } from '../../secret.ts';
import { probeKey } from '../livekit/api/probe-key.ts';
import { bearing, noWay } from './work.ts';

export interface AccessMendingOptions {
  readonly ring: ChangingKeyRing;
  /** Keys as they are now where they come from; nothing when they cannot be used, or come from nowhere but the settings. */
  readonly readKeys: () => ReadonlyMap<string, Secret> | undefined;
  /** URL of the LiveKit that refused. */
  readonly livekitUrl: string;
  readonly look: Work;
  readonly clock: Clock;
}

/**
 * A key of LiveKit's that it knows: the first one of those that there are now. Vendors have one key each, from the environment of the
 * process: for them there is no other.
 */
export function createAccessMending(options: AccessMendingOptions): AccessMending {
  return {
    refreshToken: bearing(async ({ target }) =>
      target.startsWith('livekit-') ? freshKey(options) : noWay(target, `there is no other key for ${target}`),
    ),
    retry: options.look,
  };
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
