import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { type Document, isMap, isScalar, type Pair, parseDocument, type Scalar, type YAMLMap } from 'yaml';
import type { ApiKey } from '../../key-ring.ts';
import { Secret } from '../../secret.ts';

/** The file, or what is beside it, is not as it must be. */
export class KeysFileError extends Error {
  override readonly name = 'KeysFileError';
}

type Keys = Document & { readonly contents: YAMLMap };

/** A pair that nobody knows yet: 256 bits of secret, letters and digits only. */
export const newKey = (): ApiKey => ({ apiKey: `API${word(9)}`, apiSecret: new Secret(word(33)) });

const word = (bytes: number): string => randomBytes(bytes).toString('base64url').replaceAll(/[-_]/g, 'x');

/**
 * Puts a pair at the end: it is believed and does not sign, unless it is the only one. Makes the file where there is none. False,
 * and nothing was changed, when there is one of this name already.
 */
export function addKey(path: string, { apiKey, apiSecret }: ApiKey): boolean {
  let isNew = false;
  edit(path, ({ contents }) => {
    isNew = !contents.has(apiKey);
    if (isNew) contents.set(apiKey, apiSecret.reveal());
  });
  return isNew;
}

export const removeKey = (path: string, apiKey: string): void => edit(path, ({ contents }) => contents.delete(apiKey));

/** Puts a pair of the file first: it signs. */
export function signWith(path: string, apiKey: string): void {
  const isIt = ({ key }: Pair) => isScalar(key) && key.value === apiKey;
  edit(path, ({ contents }) => contents.items.sort((a, b) => Number(isIt(b)) - Number(isIt(a))));
}

/** What stands there besides, comments too, stays. Of two who change it at once, the later is turned away. */
function edit(path: string, change: (keys: Keys) => unknown): void {
  const place = existsSync(path) ? realpathSync(path) : path;
  locked(place, () => {
    const document = parseDocument(existsSync(place) ? readFileSync(place, 'utf8') : '', { schema: 'failsafe' });
    if (document.contents === null) document.contents = document.createNode({}) as never;
    if (document.errors.length > 0 || !isMap(document.contents)) throw new KeysFileError(`${path} is no file of keys`);
    const keys = document as unknown as Keys;
    change(keys);
    // An empty map is written in one line, and so would be what comes into it.
    (keys.contents as YAMLMap<Scalar>).flow = keys.contents.items.length === 0;
    replaceFile(place, keys.toString({ lineWidth: 0 }));
  });
}

function locked(path: string, work: () => void): void {
  const lock = `${path}.lock`;
  try {
    closeSync(openSync(lock, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new KeysFileError(`${path} is just being changed by another; if by nobody, remove ${lock}`, { cause: error });
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Whoever reads sees the old text or the new one, also after a power cut. It stays its owner's, with the rights it had; a new one is
 * for its owner alone.
 */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.${randomBytes(4).toString('hex')}.new`;
  const before = statSync(path, { throwIfNoEntry: false });
  try {
    const file = openSync(next, 'wx', 0o600);
    try {
      if (before) beLike(file, before, path);
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

/** Else the service whose file it is could not read it any more. */
function beLike(file: number, { uid, gid, mode }: Stats, path: string): void {
  const now = fstatSync(file);
  try {
    if (now.uid !== uid || now.gid !== gid) fchownSync(file, uid, gid);
  } catch (error) {
    throw new KeysFileError(`${path} belongs to another user (${uid}): run this as that one`, { cause: error });
  }
  fchmodSync(file, mode & 0o777);
}
