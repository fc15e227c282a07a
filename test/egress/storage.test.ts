import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { chosenStorage, readStorages } from '../../src/egress.ts';
import { Secret } from '../../src/secret.ts';

const secret = 'hunter2hunter2';
const credentials = JSON.stringify({ type: 'service_account', private_key: secret });

const local = (...names: readonly string[]) =>
  readStorages(Object.fromEntries(names.map((name) => [`STORAGE_${name}`, 'local:///x']))).storages;

describe('storages', () => {
  it.each([
    [
      { STORAGE_A: 's3://bucket/calls/2026?region=eu-central-1', STORAGE_A_KEY: 'AKIA', STORAGE_A_SECRET: secret },
      {
        kind: 's3',
        bucket: 'bucket',
        folder: 'calls/2026',
        region: 'eu-central-1',
        endpoint: '',
        pathStyle: false,
        key: 'AKIA',
      },
    ],
    [
      { STORAGE_A: 's3://b?endpoint=https://minio:9000&pathStyle=1', STORAGE_A_KEY: 'k', STORAGE_A_SECRET: secret },
      { kind: 's3', bucket: 'b', folder: '', region: '', endpoint: 'https://minio:9000', pathStyle: true, key: 'k' },
    ],
    [
      { STORAGE_A: 'azure://account/container/calls', STORAGE_A_SECRET: secret },
      { kind: 'azure', account: 'account', container: 'container', folder: 'calls' },
    ],
    [
      { STORAGE_A: 'gcs://bucket', STORAGE_A_SECRET: credentials },
      { kind: 'gcs', bucket: 'bucket', folder: '' },
    ],
    [{ STORAGE_A: 'local:///out/calls/' }, { kind: 'local', folder: '/out/calls' }],
  ])('R4.3 %j', (given, storage) => {
    const { storages, problems } = readStorages(given as Record<string, string>);
    expect(problems).toEqual([]);
    expect(storages.get('a')).toMatchObject({ name: 'a', ...storage });
    expect(inspect(storages, { depth: 9, showHidden: true }) + JSON.stringify([...storages])).not.toContain(secret);
  });

  it('R4.3 the secret is what was given', () => {
    const { storages } = readStorages({ STORAGE_A: 'gcs://b', STORAGE_A_SECRET: credentials });
    const storage = storages.get('a');
    expect(storage?.kind === 'gcs' && storage.secret instanceof Secret && storage.secret.reveal()).toBe(credentials);
  });

  it('D1.7 without any there is the recorder’s own disk', () => {
    expect([...readStorages({ LOG_LEVEL: 'info' }).storages.values()]).toEqual([
      { name: 'local', kind: 'local', folder: '' },
    ]);
  });

  it.each([
    [{ STORAGE_A: 'ftp://x', STORAGE_A_SECRET: secret }, /^STORAGE_A: must be s3:\/\/bucket/],
    [{ STORAGE_A: 'bucket' }, /^STORAGE_A: must be s3:\/\/bucket/],
    [{ STORAGE_A: 's3://bucket' }, 'STORAGE_A_SECRET: is missing; STORAGE_A needs it'],
    [{ STORAGE_A: 's3://bucket', STORAGE_A_SECRET: secret }, 'STORAGE_A_KEY: is missing; STORAGE_A needs it'],
    [
      { STORAGE_A: 's3://bucket?secret=x', STORAGE_A_KEY: 'k', STORAGE_A_SECRET: secret },
      /^STORAGE_A: takes no secret/,
    ],
    [{ STORAGE_A: 's3://u:p@bucket', STORAGE_A_KEY: 'k', STORAGE_A_SECRET: secret }, /^STORAGE_A: must be s3/],
    [{ STORAGE_A: 's3://b?endpoint=ftp://x', STORAGE_A_KEY: 'k', STORAGE_A_SECRET: secret }, /endpoint must be a URL/],
    [{ STORAGE_A: 's3://b?pathStyle=yes', STORAGE_A_KEY: 'k', STORAGE_A_SECRET: secret }, /pathStyle must be 1 or 0/],
    [{ STORAGE_A: 'azure://account', STORAGE_A_SECRET: secret }, /^STORAGE_A: must be s3/],
    [{ STORAGE_A: 'gcs://bucket', STORAGE_A_SECRET: secret }, /must be the JSON of a service account/],
    [
      { STORAGE_A: 'gcs://bucket', STORAGE_A_KEY: 'k', STORAGE_A_SECRET: credentials },
      'STORAGE_A_KEY: is for s3:// only',
    ],
    [{ STORAGE_A: 'local:///x/../../etc' }, undefined],
    [{ STORAGE_A: 'local:///x/%2e%2e/etc' }, undefined],
    [{ STORAGE_A: 'local:///{id}' }, /^STORAGE_A: must be s3/],
    [{ STORAGE_A: 'local:///x', STORAGE_A_SECRET: secret }, 'STORAGE_A: takes no key or secret'],
    [{ STORAGE_A_SECRET: secret }, 'STORAGE_A_SECRET: is for STORAGE_A, which is missing'],
    [{ STORAGE_Ä: 'local:///x' }, /must be STORAGE_ and a name/],
  ])('R4.3 %j', (given, problem) => {
    const { problems } = readStorages(given as unknown as Record<string, string>);
    expect(problems.join('\n')).not.toContain(secret);
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems[0]).toMatch(typeof problem === 'string' ? new RegExp(`^${problem}$`) : problem);
  });

  it('R4.3 where none is named it is the one called default, or the only one', () => {
    expect(chosenStorage(local('A'), undefined)).toMatchObject({ name: 'a' });
    expect(chosenStorage(local('A', 'DEFAULT'), undefined)).toMatchObject({ name: 'default' });
    expect(chosenStorage(local('A', 'B_2'), undefined)).toBe(
      'must name one of the storages a, b-2, of which none is called default',
    );
    expect(chosenStorage(local('A'), 'b')).toBe('there is no storage of this name; there are a');
  });
});
