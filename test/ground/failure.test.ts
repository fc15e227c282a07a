import * as fc from '../support/properties.ts';
import { describe, expect, test } from 'vitest';
import { redact } from '../../src/failure.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkiLCJ2aWRlbyI6e319.8nYKzzzSIGNATUREzzz_-';

describe('R8.1 redacting a foreign message', () => {
  test.each([
    [`could not validate token ${jwt}: expired`, 'could not validate token [token]: expired'],
    ['Incorrect API key provided: sk-proj_abcdef123456.', 'Incorrect API key provided: [secret].'],
    ['Invalid gsk_1234567890abcdef', 'Invalid [secret]'],
    ['header was Bearer abcdefgh12345678', 'header was [secret]'],
    ['header was Token abcdefgh12345678', 'header was [secret]'],
    ['{"turnPassword":"abc","name":"one"}', '{"turnPassword":[secret],"name":"one"}'],
    ['{"auth_password":"a\\"b, c","name":"one"}', '{"auth_password":[secret],"name":"one"}'],
    ['trunk auth_password: hunter2, next', 'trunk auth_password: [secret]'],
    ['{\\"turnPassword\\":\\"abc\\",\\"name\\":\\"one\\"}', '{\\"turnPassword\\":[secret]'],
    ['AuthPassword:two words AuthUsername:ada', 'AuthPassword:[secret]'],
    ['GET /x?auth_password=abc&y=1', 'GET /x?auth_password=[secret]'],
    ['%22turnPassword%22%3A%22abc%22', '%22turnPassword%22%3A[secret]'],
    ['set auth_username and auth_password, or addresses', 'set auth_username and auth_password, or addresses'],
    ['redis://ada:hunter2@redis.example:6379 refused', 'redis://…@redis.example:6379 refused'],
    ['invalid token: eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOi', 'invalid token: [token]'],
    ['invalid token: ewogImFsZyI6ICJIUzI1NiJ9.eyJpc3MiOiJkZXZrZXkifQ.8nYKzzzSIGNATUREzzz_-', 'invalid token: [token]'],
    [
      'connect ECONNREFUSED livekit.internal.example.com:7880',
      'connect ECONNREFUSED livekit.internal.example.com:7880',
    ],
    ['connect ECONNREFUSED 127.0.0.1:7880', 'connect ECONNREFUSED 127.0.0.1:7880'],
  ])('%s', (message, shown) => {
    expect(redact(message)).toBe(shown);
  });

  test('is bounded', () => {
    expect(redact('x'.repeat(10_000)).length).toBe(300);
  });

  test.each(['x', 'eyJ', 'password', '//', 'a.', 'password:"\\'])('takes no longer for long texts of %s', (piece) => {
    const text = piece.repeat(200_000 / piece.length);
    const began = performance.now();
    redact(text);
    expect(performance.now() - began).toBeLessThan(500);
  });

  test('finds a token wherever it stands, and leaves none at the cut', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 20 }), (before, after) => {
        const shown = redact(`${before} ${jwt} ${after}`);
        expect(shown).not.toContain('eyJpc3MiOiJkZXZrZXki');
        expect(shown).not.toContain('SIGNATURE');
      }),
    );
  });
});
