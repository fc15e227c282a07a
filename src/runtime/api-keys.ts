import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Records } from './records.ts';

/** What a key may do; each role may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;

/** `viewer` looks · `operator` commands calls and makes things · `admin` changes how the instance is reached and what it keeps. */
export type Role = (typeof roles)[number];

export const mayActAs = (role: Role, needed: Role): boolean => roles.indexOf(role) >= roles.indexOf(needed);

/** What may be shown of a key. */
export interface ApiKey {
  readonly id: string;
  /** Whose it is, for people. */
  readonly name: string;
  readonly role: Role;
  /** ms since 1970. */
  readonly createdAt: number;
  readonly revokedAt?: number;
}

/** Random bytes; by argument, like time. */
export type Draw = (bytes: number) => Buffer;

export interface ApiKeys {
  /** A new key. `text` is the key itself: it is kept nowhere and cannot be shown again. */
  create(asked: {
    readonly name: string;
    readonly role: Role;
  }): Promise<{ readonly key: ApiKey; readonly text: string }>;
  /** Oldest first, the revoked ones too. */
  list(): Promise<readonly ApiKey[]>;
  get(id: string): Promise<ApiKey | undefined>;
  /** Whether there is such a key that was not revoked. */
  isGood(id: string): Promise<boolean>;
  /** False when there is no such key. Idempotent; the first time counts. */
  revoke(id: string): Promise<boolean>;
  /** Whose key this is. `revoked` is said to nobody who does not hold the whole key. */
  believe(text: string): Promise<ApiKey | 'unknown' | 'revoked'>;
}

/** `sha256` is of the key's secret part. That has 256 random bits: no slower hash would make it harder to guess. */
const keptApiKey = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAt: z.number(),
  revokedAt: z.number().optional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

type KeptApiKey = z.output<typeof keptApiKey>;

const keyText = /^vck_([0-9a-f]{16})_([\w-]{43})$/;

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Keys of the operators' API, `vck_<id>_<secret>`; only a hash of the secret is kept. A record that is damaged is no key:
 * `damaged` is told of each once.
 */
export function createApiKeys(
  records: Records,
  clock: Pick<Clock, 'now'>,
  draw: Draw,
  damaged: (id: string) => void,
): ApiKeys {
  const told = new Set<string>();
  const tell = (id: string): undefined => {
    if (!told.has(id)) damaged(id);
    told.add(id);
  };
  const kept = async (id: string): Promise<KeptApiKey | undefined> => {
    const record = /^[0-9a-f]{16}$/.test(id) ? await records.get(id) : undefined;
    return record && (read(record.text) ?? tell(id));
  };

  return {
    async create({ name, role }) {
      const [id, secret] = [draw(8).toString('hex'), draw(32).toString('base64url')];
      const key: ApiKey = { id, name, role, createdAt: clock.now() };
      const record: KeptApiKey = { ...key, sha256: sha256(secret).toString('hex') };
      if (!(await records.add(id, JSON.stringify(record)))) throw new Error('this id is taken');
      return { key, text: `vck_${id}_${secret}` };
    },
    async list() {
      // One that cannot be got at hides no other.
      const all = await Promise.all((await records.names()).map((id) => kept(id).catch(() => tell(id))));
      return all
        .filter((key) => key !== undefined)
        .map(shown)
        .toSorted((one, other) => one.createdAt - other.createdAt);
    },
    async get(id) {
      const key = await kept(id);
      return key && shown(key);
    },
    async isGood(id) {
      const key = await kept(id);
      return key !== undefined && key.revokedAt === undefined;
    },
    async revoke(id) {
      const key = await kept(id);
      if (key && key.revokedAt === undefined)
        await records.put(id, JSON.stringify({ ...key, revokedAt: clock.now() } satisfies KeptApiKey));
      return key !== undefined;
    },
    async believe(text) {
      const [, id, secret] = keyText.exec(text) ?? [];
      const key = id === undefined ? undefined : await kept(id);
      if (key === undefined || !timingSafeEqual(sha256(secret!), Buffer.from(key.sha256, 'hex'))) return 'unknown';
      return key.revokedAt === undefined ? shown(key) : 'revoked';
    },
  };
}

function read(text: string): KeptApiKey | undefined {
  try {
    return keptApiKey.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const shown = ({ id, name, role, createdAt, revokedAt }: KeptApiKey): ApiKey => ({
  id,
  name,
  role,
  createdAt,
  ...(revokedAt === undefined ? {} : { revokedAt }),
});
