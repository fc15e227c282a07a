import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig, readRedisUrl } from '../../src/config.ts';
import { readKeys, readKeysFile } from '../../src/config/keys-file.ts';
import { keysOf, ringOf } from '../support/keys.ts';
import * as fc from '../support/properties.ts';

const [a, b] = ['canary-a-0123456789-0123456789-01', 'canary-b-0123456789-0123456789-01'];
const folder = mkdtempSync(join(tmpdir(), 'voicechart-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string, mode = 0o600): string {
  const path = join(folder, `keys-${Math.random()}.yaml`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}
const problemsOf = (env: Record<string, string>): readonly string[] => {
  const read = readConfig(env);
  return 'problems' in read ? read.problems : [];
};
const revealed = (keys: ReadonlyMap<string, { reveal(): string }>) =>
  [...keys].map(([key, secret]) => [key, secret.reveal()]);

describe('R1.1 a ring of keys', () => {
  test('its first key signs and all are believed, until it is changed', () => {
    const ring = ringOf(['a', a], ['b', b]);
    const before = ring.all();
    expect([ring.signing().apiKey, ring.signing().apiSecret.reveal()]).toEqual(['a', a]);
    ring.change(keysOf(['b', b]));
    expect([ring.signing().apiKey, [...ring.all().keys()], [...before.keys()]]).toEqual(['b', ['b'], ['a', 'b']]);
    expect(() => ring.change(new Map())).toThrow('at least one key');
    expect(inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring)).not.toContain('canary');
  });
});

describe('R8.3 a file of keys, in the form of LiveKit’s own', () => {
  test('keeps the order of the file, also of names that are numbers, and takes every value for text', () => {
    const reading = readKeys(`# ours\n"20": ${a}\n10: "${b}"\nnull: 12345678901234567890123456789012\n`);
    expect('keys' in reading && revealed(reading.keys)).toEqual([
      ['20', a],
      ['10', b],
      ['null', '12345678901234567890123456789012'],
    ]);
  });

  test.each([
    ['nothing', '', 'holds no key'],
    ['an empty map', '{}', 'holds no key'],
    ['a list', `- ${a}`, 'must be a map of "key: secret"'],
    ['one word', a, 'must be a map of "key: secret"'],
    ['half a file', `a: "${a}`, 'is no YAML (MISSING_CHAR at character 37)'],
    ['a key twice', `a: ${a}\na: ${b}\n`, 'is no YAML (DUPLICATE_KEY at character 37)'],
    ['a key without a secret', `a: ${a}\nb:\n`, 'entry 2: the secret must be printable ASCII'],
    ['a secret of two words', `a: ${a} ${b}\n`, 'entry 1: the secret must be printable ASCII'],
    ['a map for a secret', `a: { secret: ${a} }\n`, 'entry 1: the secret must be printable ASCII'],
    ['an alias for a secret', `a: &x ${a}\nb: *x\n`, 'entry 2: the secret must be printable ASCII'],
    ['a secret in the place of the key', `"${a} ": b\n`, 'entry 1: the key must have 1 to 100 letters'],
    ['more than may be', Array.from({ length: 21 }, (_, at) => `k${at}: ${a}`).join('\n'), 'holds 21 keys'],
    ['far too much', `a: ${'x'.repeat(100_001)}`, 'has more than 100000 characters'],
  ])('%s is told without a secret', (_, text, problem) => {
    const reading = readKeys(text);
    expect('problems' in reading ? reading.problems.join() : '').toContain(problem);
    expect(JSON.stringify(reading)).not.toContain('canary');
  });

  test('whatever is in it, reading ends and shows none of it', () => {
    const piece = fc.oneof(fc.string(), fc.constantFrom(a, 'a: ', '\n', '"', '&x ', '*x', '<<: ', '{', '[', '- '));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        expect(JSON.stringify(readKeys(pieces.join('')))).not.toContain('canary');
      }),
    );
  });

  test('who else may read it is seen; a folder, or nothing, is no file', () => {
    expect(readKeysFile(fileOf(`a: ${a}\n`)).isOpenToOthers).toBe(false);
    expect([0o640, 0o604, 0o660].map((mode) => readKeysFile(fileOf(`a: ${a}\n`, mode)).isOpenToOthers)).toEqual([
      true,
      true,
      true,
    ]);
    mkdirSync(join(folder, 'folder'));
    const problem = (path: string) => readKeysFile(join(folder, path)).reading;
    expect([problem('folder'), problem('nothing')]).toEqual([
      { problems: ['must be a file'] },
      { problems: ['cannot be read (ENOENT)'] },
    ]);
  });
});

describe('R1.1 LIVEKIT_KEYS_FILE', () => {
  const local = { LIVEKIT_URL: 'ws://127.0.0.1:7880' };

  test('takes the place of LIVEKIT_API_KEY and LIVEKIT_API_SECRET', () => {
    const path = fileOf(`a: ${a}\nb: ${b}\n`);
    const read = readConfig({ ...local, LIVEKIT_KEYS_FILE: path });
    if ('problems' in read) throw new Error(read.problems.join('\n'));
    expect(read.config.livekitKeysFile).toBe(path);
    expect(revealed(read.secrets.livekitKeys.all())).toEqual([
      ['a', a],
      ['b', b],
    ]);
    expect(read.secrets.livekitKeys.signing().apiKey).toBe('a');
    expect(inspect(read, { depth: 9, showHidden: true })).not.toContain('canary');
  });

  test('both given, or a file that cannot be used, is a problem by name', () => {
    const path = fileOf('a: b c\n');
    expect(problemsOf({ ...local, LIVEKIT_KEYS_FILE: path, LIVEKIT_API_KEY: 'a' })).toEqual([
      'LIVEKIT_KEYS_FILE: LIVEKIT_API_KEY and LIVEKIT_API_SECRET must not be set besides',
    ]);
    expect(problemsOf({ ...local, LIVEKIT_KEYS_FILE: path })).toEqual([
      expect.stringMatching(/^LIVEKIT_KEYS_FILE: entry 1: the secret must be/),
    ]);
    expect(problemsOf({ ...local, LIVEKIT_KEYS_FILE: join(folder, 'none') })).toEqual([
      'LIVEKIT_KEYS_FILE: cannot be read (ENOENT)',
    ]);
  });
});

describe('R8.2 what others could read or guess on the way', () => {
  const far = { LIVEKIT_URL: 'wss://livekit.example', LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: a };
  const wayOut = 'for a server that is not on this machine, or set ALLOW_INSECURE_LIVEKIT=1';

  test('is refused by name, with the way out', () => {
    expect(problemsOf(far)).toEqual([]);
    expect(problemsOf({ ...far, LIVEKIT_URL: 'https://livekit.example' })).toEqual([]);
    expect(problemsOf({ ...far, LIVEKIT_URL: 'ws://livekit.example', LIVEKIT_API_SECRET: 'x'.repeat(31) })).toEqual([
      `LIVEKIT_URL: must begin with wss:// or https:// ${wayOut}, not "ws://"`,
      `LIVEKIT_API_SECRET: must have at least 32 bytes ${wayOut}`,
    ]);
    const file = { LIVEKIT_URL: far.LIVEKIT_URL, LIVEKIT_KEYS_FILE: fileOf(`a: ${a}\nb: short\nc: shorter\n`) };
    expect(problemsOf(file)).toEqual([
      `LIVEKIT_KEYS_FILE: must have at least 32 bytes ${wayOut}: the secret of b has fewer than 32 bytes, the secret of c has fewer than 32 bytes`,
    ]);
    expect(problemsOf({ ...file, VOICECHART_ENV: 'production' }).join()).toContain('32 bytes in production');
  });

  test.each([
    'ws://livekit.example',
    'HTTP://livekit.example',
    'ws://10.0.0.1:7880',
    'ws://livekit:7880',
    'ws://127.0.0.1.example.org',
    'ws://[::2]:7880',
    'http://localhost.example',
  ])('%s is read on the way', (LIVEKIT_URL) => {
    expect(problemsOf({ ...far, LIVEKIT_URL })).toHaveLength(1);
    expect(problemsOf({ ...far, LIVEKIT_URL, ALLOW_INSECURE_LIVEKIT: '1' })).toEqual([]);
  });

  test.each(['ws://127.0.0.1:7880', 'http://localhost', 'ws://[::1]:7880', 'ws://127.1:1', 'ws://LOCALHOST'])(
    '%s never leaves this machine',
    (LIVEKIT_URL) => expect(problemsOf({ ...far, LIVEKIT_URL, LIVEKIT_API_SECRET: 'secret' })).toEqual([]),
  );

  test('a way out that cannot be read is none', () => {
    expect(problemsOf({ ...far, LIVEKIT_URL: 'ws://livekit.example', ALLOW_INSECURE_LIVEKIT: 'perhaps' })).toEqual([
      'ALLOW_INSECURE_LIVEKIT: must be 1 or 0, not "perhaps"',
      expect.stringMatching(/^LIVEKIT_URL: must begin with wss/),
    ]);
  });
});

describe('R8.1 REDIS_URL may hold a password, and is never shown', () => {
  const local = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'a', LIVEKIT_API_SECRET: a };

  test.each([
    'redis://redis.example',
    'rediss://user:canary@redis.example:6380/1',
    'redis://:can%40ry@[::1]:6379',
    'redis+sentinel://one:26379,two,[::1]:26380/calls',
    'redis+sentinel://user:canary@one:26379/calls/2',
    'rediss+sentinel://:canary@one:26379/calls',
  ])('%s', (url) => {
    const read = readConfig({ ...local, REDIS_URL: url });
    expect('secrets' in read && read.secrets.redisUrl?.reveal()).toBe(url);
    expect(inspect(read, { depth: 9, showHidden: true })).not.toMatch(/can(ary|%40ry)/);
  });

  test.each([
    'http://user:canary@redis.example',
    'canary.example:6379',
    'redis://:canary@redis.example:70000',
    'redis://:canary@redis.example:0',
    'redis://:canary@redis.example/calls',
    'redis://:can/ary@redis.example',
    'redis://:canary%@redis.example',
    'redis://:canary@one:6379,two:6379',
    'redis://:canary@redis.example?db=1',
    'redis+sentinel://:canary@one:26379',
    'redis+sentinel://:canary@one:26379,/calls',
    'redis+sentinel://:canary@one:26379/calls/x',
    'redis+sentinels://:canary@one:26379/calls',
  ])('%s is refused, with what is allowed', (url) => {
    expect(problemsOf({ ...local, REDIS_URL: url })).toEqual([
      'REDIS_URL: must be redis://[user:password@]host:port[/database], redis+sentinel://[user:password@]host:port,host:port/name[/database], or with TLS rediss://… or rediss+sentinel://…, with %40 for an @ and no ? (what came is not shown)',
    ]);
  });

  test('it says where to go and as whom', () => {
    const sentinels = [
      { host: 'one', port: 26_379 },
      { host: '::1', port: 7 },
    ];
    const place = { kind: 'sentinels', name: 'calls', sentinels, database: 2, username: 'ada', tls: false };
    expect(readRedisUrl('redis+sentinel://ada:a%40b@one,[::1]:7/calls/2')).toMatchObject(place);
    expect(readRedisUrl('redis://:a%40b@h/')!.password!.reveal()).toBe('a@b');
    const server = { kind: 'server', address: { host: 'h', port: 6379 }, tls: true, database: 0 };
    expect(readRedisUrl('rediss://h')).toEqual(server);
    expect(readRedisUrl('rediss+sentinel://h/calls')).toMatchObject({ kind: 'sentinels', name: 'calls', tls: true });
  });
});
