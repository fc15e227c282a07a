import { expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { Secret } from '../../src/secret.ts';
import { VendorKeys } from '../../src/vendor-keys.ts';

const least = {
  LIVEKIT_URL: 'ws://127.0.0.1:7880',
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: 'a-secret-that-is-long-enough-for-livekit',
};

function keysOf(text: string): VendorKeys {
  const reading = readConfig({ ...least, OPENAI_API_KEY: text });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  return reading.secrets.vendors.openai!;
}

function problemsOf(text: string): readonly string[] {
  const reading = readConfig({ ...least, OPENAI_API_KEY: text });
  return 'problems' in reading ? reading.problems : [];
}

test('R10.4 a vendor has one key or several with commas between them; the first one is in use, and the next may be', () => {
  const keys = keysOf('sk-one, sk-two,sk-three');
  expect([keys.reveal(), keys.others().map((key) => key.reveal())]).toEqual(['sk-one', ['sk-two', 'sk-three']]);
  keys.use(keys.others()[0]!);
  expect([keys.reveal(), keys.others().map((key) => key.reveal())]).toEqual(['sk-two', ['sk-three', 'sk-one']]);
  expect(keysOf('sk-one').others()).toEqual([]);
  expect(keys.place()).toBe(1);
  keys.useAt(2);
  expect(keys.reveal()).toBe('sk-three');
  keys.useAt(3);
  expect(keys.reveal()).toBe('sk-three');
});

test('R10.4 no key of several is printed, and each is taken out of what a vendor says', () => {
  const keys = new VendorKeys(new Secret('sk-one'), new Secret('sk-two'));
  expect([String(keys), JSON.stringify({ keys })]).toEqual(['[secret]', '{"keys":"[secret]"}']);
  keys.use(keys.others()[0]!);
  expect(keys.hideIn('not sk-one nor sk-two')).toBe('not [secret] nor [secret]');
});

test.each([
  ['sk-one,,sk-two', 'must be printable ASCII'],
  ['sk-one, sk two', 'must be printable ASCII'],
  ['sk-one,sk-one', 'must be at most 5 keys, each another'],
  ['a,b,c,d,e,f', 'must be at most 5 keys, each another'],
])('bad input: keys that cannot be are told by name, and not shown: %s', (text, what) => {
  const [problem, ...others] = problemsOf(text);
  expect([problem, others]).toEqual([expect.stringContaining(`OPENAI_API_KEY: ${what}`), []]);
  expect(problem).not.toContain('sk-one');
});

test('bad input: one key of several under a wrong name is not shown', () => {
  const reading = readConfig({ ...least, OPENAI_API_KEY: 'sk-canary-one,sk-canary-two', LOG_LEVEL: 'sk-canary-two' });
  expect(JSON.stringify(reading)).not.toContain('canary');
});
