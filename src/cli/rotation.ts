import { addKey, KeysFileError, newKey, removeKey, signWith } from '../adapters/keys-file/edit.ts';
import {
  beginRotation,
  endRotation,
  noteRotation,
  readRotation,
  type Rotation,
} from '../adapters/keys-file/rotation-file.ts';
import type { KeyStanding } from '../adapters/livekit/api/probe-key.ts';
import { readKeysFile } from '../config/keys-file.ts';
import type { Failure } from '../failure.ts';
import type { ApiKey } from '../key-ring.ts';
import type { Secret } from '../secret.ts';
import { leewaySeconds, longestLifeSeconds } from '../token.ts';

/** Where a rotation stands: what is waited for, and who must do something. */
export type RotationStep =
  | 'server_must_learn'
  | 'services_must_switch'
  | 'old_tokens_live'
  | 'server_must_forget'
  | 'finished';

export interface RotationNews {
  readonly step: RotationStep;
  readonly from: string;
  readonly to: string;
  /** What was done or found on the way, in order. */
  readonly saw: readonly string[];
  /** Ms since 1970: when to come again. */
  readonly until?: number;
  /** Why the server could not be asked. */
  readonly failure?: Failure;
}

export interface RotationOptions {
  /** The file of keys. */
  readonly path: string;
  /** A key of the file to change to; a new one is made unless given. */
  readonly to?: string;
  /** The operator says that gateways, recorders and the server's webhooks sign with the new key. */
  readonly servicesSwitched: boolean;
  readonly probe: (key: ApiKey) => Promise<readonly KeyStanding[] | Failure>;
  readonly nowMs: () => number;
}

/** A watched file is read some seconds after it was changed. */
const reloadMs = 5_000;
/** What is signed lives so long: our tokens, those that the server gives to who is connected, its webhooks. */
const longestLifeMs = (longestLifeSeconds + leewaySeconds) * 1000 + reloadMs;

/**
 * Goes as far as it can: from a key that signs to another, and at last to a file and a server without the old one. Stopped at any
 * moment and called again it goes on. Rejects with a `KeysFileError` when the file, or what is known of the rotation, is not as it
 * must be.
 */
export async function rotate(options: RotationOptions): Promise<RotationNews> {
  const { path, probe, nowMs } = options;
  const saw: string[] = [];
  let rotation = readRotation(path) ?? begin(options);
  const { from, to } = rotation;
  const news = (step: RotationStep, more: Partial<RotationNews> = {}): RotationNews => ({
    step,
    from,
    to,
    saw,
    ...more,
  });
  const note = (change: Partial<Rotation>) => noteRotation(path, (rotation = { ...rotation, ...change }));

  if (!keysIn(path).has(from) && !keysIn(path).has(to))
    throw new KeysFileError(`${path} holds neither ${from} nor ${to}`);
  if (!keysIn(path).has(to)) {
    if (addKey(path, { ...newKey(), apiKey: to }))
      saw.push(`${to} was made and added to ${path}: it is believed and does not sign yet`);
  }
  if (signing(path) !== to) {
    const asked = await probe({ apiKey: to, apiSecret: keysIn(path).get(to)! });
    if (isFailure(asked)) return news('server_must_learn', { failure: asked });
    saw.push(`the server knows ${to}: ${tally(asked, 'known')}`);
    if (asked.some((each) => each !== 'known')) return news('server_must_learn');
    // Where it was turned back by hand, the old key has signed since.
    note({ signingSince: undefined, servicesSince: undefined });
    signWith(path, to);
    saw.push(`${to} signs now; ${from} is believed`);
  }
  if (rotation.signingSince === undefined) note({ signingSince: nowMs() });
  if (options.servicesSwitched && rotation.servicesSince === undefined) note({ servicesSince: nowMs() });
  if (rotation.servicesSince === undefined) return news('services_must_switch');
  const until = Math.max(rotation.signingSince!, rotation.servicesSince) + longestLifeMs;
  if (nowMs() < until) return news('old_tokens_live', { until });
  if (keysIn(path).has(from)) {
    removeKey(path, from);
    saw.push(`nothing lives that ${from} signed: it was taken out of ${path}`);
  }
  const asked = await probe({ apiKey: from, apiSecret: newKey().apiSecret });
  if (isFailure(asked)) return news('server_must_forget', { failure: asked });
  saw.push(`the server has forgotten ${from}: ${tally(asked, 'unknown')}`);
  if (asked.some((each) => each !== 'unknown')) return news('server_must_forget');
  endRotation(path);
  return news('finished');
}

/** Written down before anything is done. */
function begin({ path, to }: RotationOptions): Rotation {
  const from = signing(path);
  if (to === from) throw new KeysFileError(`${to} signs already`);
  if (to !== undefined && !keysIn(path).has(to))
    throw new KeysFileError(`${path} holds no ${to}; keys add brings it there`);
  return beginRotation(path, { from, to: to ?? newKey().apiKey });
}

function keysIn(path: string): ReadonlyMap<string, Secret> {
  const { reading } = readKeysFile(path);
  if ('problems' in reading) throw new KeysFileError(`${path}: ${reading.problems.join('; ')}`);
  return reading.keys;
}

const signing = (path: string): string => [...keysIn(path).keys()][0]!;

const isFailure = (asked: readonly KeyStanding[] | Failure): asked is Failure => !Array.isArray(asked);

const tally = (asked: readonly KeyStanding[], hoped: KeyStanding): string =>
  `so say ${asked.filter((each) => each === hoped).length} of ${asked.length} connections${
    asked.includes('other_secret') && hoped === 'known' ? ', and one has another secret for it' : ''
  }`;
