import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { KeysFileError, replaceFile } from './edit.ts';

/** A rotation that was begun: what the file of keys does not say. Holds no secret. */
const rotation = z.strictObject({
  /** Names of keys. */
  from: z.string(),
  to: z.string(),
  /** Ms since 1970: from then on nothing is signed with the old key, by us or by others. */
  signingSince: z.number().optional(),
  servicesSince: z.number().optional(),
});
export type Rotation = Readonly<z.output<typeof rotation>>;

const fileOf = (path: string): string => `${path}.rotation`;

/** The rotation of a file of keys; nothing when none was begun. Throws when its file cannot be read as one. */
export function readRotation(path: string): Rotation | undefined {
  try {
    return rotation.parse(JSON.parse(readFileSync(fileOf(path), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeysFileError(`${fileOf(path)} cannot be read as a rotation; remove it to begin anew`, { cause: error });
  }
}

/** Of two who begin at once, one; the other gets that one's. */
export function beginRotation(path: string, wanted: Rotation): Rotation {
  try {
    writeFileSync(fileOf(path), JSON.stringify(wanted), { flag: 'wx', mode: 0o600 });
    return wanted;
  } catch (error) {
    const other = readRotation(path);
    if (other) return other;
    throw error;
  }
}

export const noteRotation = (path: string, now: Rotation): void => replaceFile(fileOf(path), JSON.stringify(now));

export const endRotation = (path: string): void => rmSync(fileOf(path), { force: true });
