import { readFileSync, statSync } from 'node:fs';
import { isMap, isScalar, parseDocument } from 'yaml';
import { Secret } from '../secret.ts';

/** What stands in a file of keys. */
export interface FileKeys {
  /** Key → secret in the order of the file: the first one signs. At least one. */
  readonly keys: ReadonlyMap<string, Secret>;
}

export type KeysReading = FileKeys | { readonly problems: readonly string[] };

export interface KeysFile {
  readonly reading: KeysReading;
  /** Others than its owner may read or write it. */
  readonly isOpenToOthers: boolean;
}

const mostCharacters = 100_000;
const mostKeys = 20;

/** LiveKit takes shorter ones, and warns: HS256 needs as many bytes. */
export const fewestSecretBytes = 32;

/**
 * Keys in LiveKit's own form, a YAML map of `key: secret`, so that the server can read the same file (`key_file`). The first
 * one signs; the others are believed. Problems say where and what, never a secret. Never throws.
 */
export function readKeys(text: string): KeysReading {
  if (text.length > mostCharacters) return { problems: [`has more than ${mostCharacters} characters`] };
  const document = parseDocument(text, { schema: 'failsafe', prettyErrors: false });
  const broken = document.errors[0] ?? document.warnings[0];
  if (broken) return { problems: [`is no YAML (${broken.code} at character ${broken.pos[0]})`] };
  if (document.contents === null) return { problems: ['holds no key'] };
  if (!isMap(document.contents)) return { problems: ['must be a map of "key: secret"'] };
  const keys = new Map<string, Secret>();
  const problems: string[] = [];
  for (const [index, { key, value }] of document.contents.items.entries()) {
    const problem = problemOf(key, value);
    if (problem === undefined) keys.set(textOf(key)!, new Secret(textOf(value)!));
    else problems.push(`entry ${index + 1}: ${problem}`);
  }
  if (keys.size === 0 && problems.length === 0) problems.push('holds no key');
  if (keys.size > mostKeys) problems.push(`holds ${keys.size} keys, more than ${mostKeys}`);
  return problems.length > 0 ? { problems } : { keys };
}

const textOf = (node: unknown): string | undefined =>
  isScalar(node) && typeof node.value === 'string' ? node.value : undefined;

/** An unquoted name of a key is shown nowhere: somebody may have written the secret in its place. */
function problemOf(key: unknown, value: unknown): string | undefined {
  if (!/^[\w.-]{1,100}$/.test(textOf(key) ?? ''))
    return 'the key must have 1 to 100 letters, digits, dots, hyphens or underscores (what came is not shown)';
  if (!/^[\u0021-\u007e]+$/.test(textOf(value) ?? ''))
    return 'the secret must be printable ASCII without spaces or line breaks (what came is not shown)';
  return undefined;
}

/** Reads a file of keys as it is now. Never throws. */
export function readKeysFile(path: string): KeysFile {
  try {
    const stats = statSync(path);
    const isOpenToOthers = (stats.mode & 0o077) !== 0 && process.platform !== 'win32';
    if (!stats.isFile()) return { reading: { problems: ['must be a file'] }, isOpenToOthers };
    return { reading: readKeys(readFileSync(path, 'utf8')), isOpenToOthers };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { reading: { problems: [`cannot be read (${code ?? 'unknown'})`] }, isOpenToOthers: false };
  }
}

/** Keys whose secret is too short to be used where others can listen, one line each. */
export const shortKeys = (keys: ReadonlyMap<string, Secret>): readonly string[] =>
  [...keys]
    .filter(([, secret]) => new TextEncoder().encode(secret.reveal()).length < fewestSecretBytes)
    .map(([key]) => `the secret of ${key} has fewer than ${fewestSecretBytes} bytes`);
