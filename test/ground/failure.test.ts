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
    ['trunk auth_password: hunter2, next', 'trunk auth_password: [secret], next'],
    ['connect ECONNREFUSED 127.0.0.1:7880', 'connect ECONNREFUSED 127.0.0.1:7880'],
  ])('%s', (message, shown) => {
    expect(redact(message)).toBe(shown);
  });

  test('is bounded', () => {
    expect(redact('x'.repeat(10_000)).length).toBe(300);
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
