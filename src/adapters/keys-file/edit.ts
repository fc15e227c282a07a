import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
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

/** Puts a pair at the end: it is believed and does not sign, unless it is the only one. Makes the file where there is none. */
export const addKey = (path: string, { apiKey, apiSecret }: ApiKey): void =>
  edit(path, ({ contents }) => contents.set(apiKey, apiSecret.reveal()));

export const removeKey = (path: string, apiKey: string): void => edit(path, ({ contents }) => contents.delete(apiKey));

/** Puts a pair of the file first: it signs. */
export function signWith(path: string, apiKey: string): void {
  const isIt = ({ key }: Pair) => isScalar(key) && key.value === apiKey;
  edit(path, ({ contents }) => contents.items.sort((a, b) => Number(isIt(b)) - Number(isIt(a))));
}

/** What stands there besides, comments too, stays. */
function edit(path: string, change: (keys: Keys) => unknown): void {
  const text = textOf(path);
  const document = parseDocument(text ?? '', { schema: 'failsafe' });
  if (document.contents === null) document.contents = document.createNode({}) as never;
  if (document.errors.length > 0 || !isMap(document.contents)) throw new KeysFileError(`${path} is no file of keys`);
  const keys = document as unknown as Keys;
  change(keys);
  // An empty map is written in one line, and so would be what comes into it.
  (keys.contents as YAMLMap<Scalar>).flow = keys.contents.items.length === 0;
  replaceFile(text === undefined ? path : realpathSync(path), keys.toString({ lineWidth: 0 }));
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whoever reads sees the old text or the new one, also after a power cut. For its owner alone. */
export function replaceFile(path: string, text: string): void {
  const next = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    const file = openSync(next, 'wx', 0o600);
    try {
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
