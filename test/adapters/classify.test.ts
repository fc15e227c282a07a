import { describe, expect, test } from 'vitest';
import {
  classifyErrno,
  classifyHttp,
  classifyVendorCode,
  classifyWsClose,
  errnoOf,
  retryAfterMs,
} from '../../src/adapters/classify.ts';

const signal = { vendor: 'v', phase: 'rest', message: 'm' } as const;
const sorted = ({ class: kind, sub, retryable }: ReturnType<typeof classifyHttp>) => [kind, sub, retryable];

describe('D8.2 failures are sorted', () => {
  test.each([
    [401, undefined, ['auth', undefined, false]],
    [403, undefined, ['auth', undefined, false]],
    [403, 'INSUFFICIENT_PERMISSIONS', ['auth', undefined, false]],
    [403, 'unsupported_country_region_territory', ['auth', 'region', false]],
    [402, 'ASR_PAYMENT_REQUIRED', ['api', 'quota', false]],
    [402, undefined, ['api', 'quota', false]],
    [429, 'insufficient_quota', ['api', 'quota', false]],
    [429, 'credit_balance_exhausted', ['api', 'quota', false]],
    [429, 'concurrency_limited', ['api', 'rate', true]],
    [429, undefined, ['api', 'rate', true]],
    [429, 'TOO_MANY_REQUESTS', ['api', 'rate', true]],
    [498, undefined, ['api', 'rate', true]],
    [404, 'model_not_found', ['api', 'config', false]],
    [400, undefined, ['api', 'config', false]],
    [400, 'model_decommissioned', ['api', 'config', false]],
    [413, undefined, ['api', 'config', false]],
    [422, undefined, ['api', 'config', false]],
    [408, undefined, ['network', undefined, true]],
    [503, undefined, ['api', 'server', true]],
    [400, 'server_is_overloaded', ['api', 'server', true]],
  ])('by status %i and code %s', (httpStatus, vendorCode, expected) => {
    const failure = classifyHttp({ ...signal, httpStatus, ...(vendorCode ? { vendorCode } : {}) });
    expect(sorted(failure)).toEqual(expected);
    expect(failure).toMatchObject({ vendor: 'v', phase: 'rest', httpStatus });
  });

  test.each([
    [1000, '', ['network', undefined, true]],
    [1001, '', ['network', undefined, true]],
    [1005, '', ['network', undefined, true]],
    [1006, '', ['network', undefined, true]],
    [1012, 'service restart', ['network', undefined, true]],
    [1013, 'try again later', ['network', undefined, true]],
    [1011, '', ['api', 'server', true]],
    [1011, 'See NET-0001', ['network', 'starved', true]],
    [1011, 'did not receive audio data or a text message within the window', ['network', 'starved', true]],
    [1008, 'DATA-0000', ['api', 'protocol', false]],
    [1002, '', ['api', 'protocol', false]],
    [1003, '', ['api', 'protocol', false]],
    [1007, '', ['api', 'protocol', false]],
    [1009, '', ['api', 'protocol', false]],
  ])('by close code %i %s', (wsCode, message, expected) => {
    expect(sorted(classifyWsClose({ ...signal, wsCode, message }))).toEqual(expected);
  });

  test.each([
    ['INSUFFICIENT_PERMISSIONS', ['auth', undefined, false]],
    ['unsupported_country_region_territory', ['auth', 'region', false]],
    ['credit_balance_exhausted', ['api', 'quota', false]],
    ['concurrency_limited', ['api', 'rate', true]],
    ['rate_limit_exceeded', ['api', 'rate', true]],
    ['voice_not_found', ['api', 'config', false]],
    ['INTERNAL_SERVER_ERROR', ['api', 'server', true]],
    ['slow_down', ['api', 'server', true]],
    ['UNPARSABLE_CLIENT_MESSAGE', ['api', 'protocol', false]],
    ['DATA-0000', ['api', 'protocol', false]],
    ['a word that nobody knows', ['api', 'server', true]],
    [undefined, ['api', 'server', true]],
  ])('by the word %s of an error within a stream', (vendorCode, expected) => {
    const failure = classifyVendorCode({ ...signal, phase: 'stream', ...(vendorCode ? { vendorCode } : {}) });
    expect(sorted(failure)).toEqual(expected);
    expect(failure.vendorCode).toBe(vendorCode);
  });

  test.each(['WS_ERR_INVALID_UTF8', 'WS_ERR_UNEXPECTED_RSV_2_3', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'])(
    'a frame that is none (%s) is what the vendor sent, not the network',
    (errno) => {
      expect(sorted(classifyErrno({ ...signal, errno }))).toEqual(['api', 'protocol', true]);
    },
  );

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'ENOTFOUND'])(
    'no answer at all: %s',
    (errno) => {
      expect(sorted(classifyErrno({ ...signal, errno }))).toEqual(['network', undefined, true]);
    },
  );

  test('by errno, found at whatever depth of causes', () => {
    const cause = new Error('inner', { cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) });
    const errno = errnoOf(new TypeError('terminated', { cause }));
    expect(classifyErrno({ ...signal, errno })).toMatchObject({
      class: 'network',
      retryable: true,
      errno: 'ECONNREFUSED',
    });
    expect(errnoOf('text')).toBeUndefined();
    expect(sorted(classifyErrno({ ...signal, errno: 'ERR_INVALID_CHAR' }))).toEqual(['auth', undefined, false]);
    expect(sorted(classifyErrno({ ...signal, errno: 'ERR_INVALID_URL' }))).toEqual(['api', 'config', false]);
  });
});

test('R8.1 what looks like a credential is taken out of a failure’s message', () => {
  const { message } = classifyHttp({ ...signal, httpStatus: 401, message: 'bad key sk-1234567890abcdef given' });
  expect(message).toBe('bad key [secret] given');
});

const from = (headers: Record<string, string>) => retryAfterMs((name) => headers[name]);

test('how long to wait is read in ms or seconds, within an hour', () => {
  expect(from({ 'retry-after': '2' })).toBe(2000);
  expect(from({ 'retry-after': '2', 'retry-after-ms': '150' })).toBe(150);
  expect(from({ 'retry-after': '0' })).toBe(0);
  for (const value of ['-1', '90000', 'Wed, 21 Oct 2026 07:28:00 GMT'])
    expect(from({ 'retry-after': value })).toBeUndefined();
  expect(from({})).toBeUndefined();
});
