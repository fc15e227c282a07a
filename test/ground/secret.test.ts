import { format, inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';

const canary = 'canary-9f8e7d6c5b4a';
const secret = new Secret(canary);

describe('R8.1 a secret', () => {
  test('gives itself out only when asked to', () => {
    expect(secret.reveal()).toBe(canary);
  });

  test.each<[string, () => string]>([
    ['a template', () => `${secret}`],
    ['concatenation', () => '' + String(secret)],
    ['join', () => [secret, secret].join()],
    ['JSON', () => JSON.stringify({ secret, deep: [{ secret }] })],
    ['inspect', () => inspect({ secret }, { depth: null, showHidden: true, getters: true })],
    ['a map', () => inspect(new Map([['key', secret]]), { showHidden: true })],
    ['%o, %O, %s, %j', () => format('%o %O %s %j', secret, secret, secret, secret)],
    ['an error', () => inspect(new Error('refused', { cause: { secret } }), { showHidden: true })],
    ['its keys', () => JSON.stringify(Reflect.ownKeys(secret).map(String))],
    ['a copy', () => inspect({ ...secret, ...structuredClone({ ...secret }) })],
  ])('prints as [secret] or not at all in %s', (_, print) => {
    expect(print()).not.toContain('canary');
  });
});
