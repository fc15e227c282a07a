import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Answer } from './route.ts';

/** What is remembered of a request that named itself. */
export interface Kept {
  readonly fingerprint: string;
  /** Missing while the first one runs, and for ever when it did not end. */
  readonly answer?: Answer;
}

/** Where that lies, and how it is locked. */
export interface Drawer {
  /** Name of its record; tells whose it is, and nothing of the key. */
  readonly name: string;
  /** The same for the same values, however they were written. */
  fingerprint(asked: unknown): string;
  seal(kept: Kept): string;
  /** Undefined when the record is damaged. */
  unseal(record: string): Kept | undefined;
}

/**
 * The drawer of an Idempotency-Key, one for each owner and `place`. Both its name and its lock (AES-256-GCM) are derived from the
 * key, which is not kept: who can guess the key can open it.
 */
export function drawerOf(key: string, owner: string, place: string): Drawer {
  const salt = `${owner} ${place}`;
  const derive = (purpose: string) => Buffer.from(hkdfSync('sha256', key, salt, `voicechart ${purpose}`, 32));
  const lock = derive('lock');
  return {
    name: `${owner}-${derive('name').toString('base64url')}`,
    fingerprint: (asked) => createHmac('sha256', lock).update(JSON.stringify(asked)).digest('base64url'),
    seal(kept) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', lock, nonce);
      const sealed = Buffer.concat([cipher.update(JSON.stringify(kept), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
    },
    unseal(record) {
      try {
        const bytes = Buffer.from(record, 'base64');
        const decipher = createDecipheriv('aes-256-gcm', lock, bytes.subarray(0, 12));
        decipher.setAuthTag(bytes.subarray(12, 28));
        return JSON.parse(Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8'));
      } catch {
        return undefined;
      }
    },
  };
}

const digestLength = 43;

/** Whose drawer has this name. */
export const ownerOf = (name: string): string => name.slice(0, -(digestLength + 1));
