import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';

const least = {
  LIVEKIT_URL: 'ws://127.0.0.1:7880',
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: 'secret-0123456789-abcdefghij-KLMNOP',
};
const signing = (bytes: number, fill = 1) => `whsec_${Buffer.alloc(bytes, fill).toString('base64')}`;
const hook = 'https://canary.example/hook?token=canary';
const read = (env: Record<string, string>) => readConfig({ ...least, ...env });
const told = (env: Record<string, string>): readonly string[] => {
  const reading = read(env);
  return 'problems' in reading ? reading.problems : [];
};

describe('settings of alerts', () => {
  test('D5.4 R1.1 a receiver with two secrets, and a heartbeat', () => {
    const reading = read({
      ALERT_WEBHOOK_URL: hook,
      ALERT_WEBHOOK_SECRETS: `${signing(32)}, ${signing(24, 2)}`,
      ALERT_HEARTBEAT_MS: '60000',
      ALERT_HEARTBEAT_URL: 'https://beat.example/1',
    });
    if ('problems' in reading) throw new Error(reading.problems.join());
    expect(reading.config.alerts).toEqual({ allowInside: false, heartbeatMs: 60_000 });
    const { url, heartbeatUrl, signing: secrets } = reading.secrets.alerts!;
    expect([url.reveal(), heartbeatUrl!.reveal(), ...secrets.map((each) => each.reveal())]).toEqual([
      hook,
      'https://beat.example/1',
      signing(32),
      signing(24, 2),
    ]);
    expect(JSON.stringify(reading)).not.toMatch(/canary|whsec/);
  });

  test('R8.1 whatever is wrong is said at the start, with what is allowed and without what came', () => {
    const good = { ALERT_WEBHOOK_URL: hook, ALERT_WEBHOOK_SECRETS: signing(32) };
    const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ ALERT_WEBHOOK_URL: hook }, /^ALERT_WEBHOOK_SECRETS: is missing/],
      [{ ALERT_WEBHOOK_SECRETS: signing(32) }, /^ALERT_WEBHOOK_URL: is missing; ALERT_WEBHOOK_SECRETS/],
      [{ ALERT_HEARTBEAT_MS: '60000' }, /^ALERT_WEBHOOK_URL: is missing; ALERT_HEARTBEAT_MS/],
      [
        { ...good, ALERT_WEBHOOK_SECRETS: signing(16) },
        /^ALERT_WEBHOOK_SECRETS: must be one to 3 .*24 to 64 random bytes/,
      ],
      [{ ...good, ALERT_WEBHOOK_SECRETS: 'canary' }, /^ALERT_WEBHOOK_SECRETS: must be/],
      [{ ...good, ALERT_WEBHOOK_SECRETS: Array(4).fill(signing(32)).join() }, /one to 3/],
      [{ ...good, ALERT_WEBHOOK_URL: 'ftp://canary.example' }, /^ALERT_WEBHOOK_URL: must be a URL/],
      [{ ...good, ALERT_WEBHOOK_URL: 'https://u:canary@x.example/' }, /^ALERT_WEBHOOK_URL: .*without user/],
      [
        { ...good, ALERT_WEBHOOK_URL: 'http://canary.example/' },
        /^ALERT_WEBHOOK_URL: must begin with https.*ALERT_WEBHOOK_INSIDE/,
      ],
      [{ ...good, ALERT_HEARTBEAT_URL: 'https://canary.example/' }, /^ALERT_HEARTBEAT_MS: is missing/],
      [{ ...good, ALERT_HEARTBEAT_MS: '5' }, /^ALERT_HEARTBEAT_MS: must be a whole number from 10000 to 3600000/],
      [{ ALERT_WEBHOOK: hook }, /^ALERT_WEBHOOK: there is no such setting; did you mean ALERT_WEBHOOK_URL/],
    ];
    for (const [env, message] of cases) {
      const problems = told(env);
      expect(problems, JSON.stringify(env)).toEqual([expect.stringMatching(message)]);
      expect(problems.join()).not.toMatch(/canary|whsec_[\w+/]{9}/);
    }
    expect(told({ ...good, ALERT_WEBHOOK_URL: 'http://127.0.0.1:9/', ALERT_WEBHOOK_INSIDE: '1' })).toEqual([]);
  });
});
