import { z } from 'zod';
import { telephoneUri } from '../fields.ts';
import { Secret } from '../secret.ts';
import { VendorKeys } from '../vendor-keys.ts';
import { parseAddress } from './address.ts';
import { readRedisUrl, redisUrlForm } from './redis-url.ts';

/** Kinds of settings. Each message says what is wrong and what is allowed; the reader adds the key and what came. */

const missing = { error: 'is missing' };
const text = () => z.string(missing);

/** A value that `read` takes, or a problem. */
const reads = <T>(read: (value: string) => T | undefined, allowed: string) =>
  text().transform((value, issues): T => {
    const taken = read(value);
    if (taken !== undefined) return taken;
    issues.addIssue({ code: 'custom', message: `must be ${allowed}`, params: { came: value } });
    return z.NEVER;
  });

/** A URL of one of these schemes, without a user or password in it. */
export const url = (...schemes: readonly string[]) =>
  reads(
    (value) => {
      const parsed = URL.parse(value);
      const allowed = parsed !== null && schemes.includes(parsed.protocol.slice(0, -1)) && parsed.host !== '';
      return allowed && parsed.username === '' && parsed.password === '' ? value : undefined;
    },
    `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}, without user or password`,
  );

export const address = () =>
  reads(parseAddress, 'host:port with a port from 0 to 65535, such as 127.0.0.1:8080 or [::1]:8080');

export const oneOf = <const Word extends string>(...words: readonly Word[]) =>
  reads((value) => words.find((word) => word === value), `one of ${words.join(', ')}`);

const yes = ['1', 'true', 'yes', 'on'];
const no = ['0', 'false', 'no', 'off'];

export const flag = () =>
  reads((value) => {
    const word = value.toLowerCase();
    return yes.includes(word) ? true : no.includes(word) ? false : undefined;
  }, '1 or 0');

/** Beginnings of telephone numbers, in E.164. */
export const prefixes = () =>
  reads((value) => {
    const listed = value.split(',').map((each) => each.trim());
    return listed.every((each) => /^\+[1-9]\d{0,14}$/.test(each)) ? listed : undefined;
  }, 'beginnings of numbers with country code, such as +49,+43');

/** Where somebody can be put through to. */
export const telephone = () =>
  reads(
    (value) => (telephoneUri.test(value) ? value : undefined),
    'tel:+… with country code, or sip:user@host, such as tel:+4930123456',
  );

/** Names with commas between them, each of which `isOne`. */
export const names = (isOne: (name: string) => boolean, allowed: string) =>
  reads((value) => {
    const listed = value.split(',').map((each) => each.trim());
    return listed.every(isOne) ? listed : undefined;
  }, allowed);

export const whole = (least: number, most: number) =>
  reads((value) => {
    const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
    return number >= least && number <= most ? number : undefined;
  }, `a whole number from ${least} to ${most}`);

/** How many processes are to run calls. */
export const workers = (most: number) =>
  reads((value) => {
    if (value === 'auto') return 'auto' as const;
    const number = /^\d{1,4}$/.test(value) ? Number(value) : NaN;
    return number <= most ? number : undefined;
  }, `a whole number from 0 to ${most}, or auto`);

/** Anything on one line. */
export const line = (mostCharacters: number) =>
  reads(
    // oxlint-disable-next-line no-control-regex
    (value) => (value.length <= mostCharacters && !/[\u0000-\u001f\u007f]/.test(value) ? value : undefined),
    `at most ${mostCharacters} characters on one line`,
  );

/** Never shown, whatever is wrong with it. */
export const secret = () =>
  text()
    .regex(/^[\u0021-\u007e]+$/, 'must be printable ASCII without spaces or line breaks (what came is not shown)')
    .transform((value) => new Secret(value));

const mostVendorKeys = 5;

/** One key or several with commas between them. Never shown, whatever is wrong with them. */
export const vendorKeys = () =>
  text()
    .transform((value) => value.split(',').map((each) => each.trim()))
    .refine(
      (keys) => keys.every((key) => /^[\u0021-\u007e]+$/.test(key)),
      'must be printable ASCII without spaces or line breaks, with commas between keys (what came is not shown)',
    )
    .refine(
      (keys) => keys.length <= mostVendorKeys && new Set(keys).size === keys.length,
      `must be at most ${mostVendorKeys} keys, each another (what came is not shown)`,
    )
    .transform(([first, ...others]) => new VendorKeys(new Secret(first!), ...others.map((each) => new Secret(each))));

/** A URL of one of these schemes that may hold a password. Never shown, whatever is wrong with it. */
const secretUrl = (...schemes: readonly string[]) =>
  text()
    .regex(
      new RegExp(`^(?:${schemes.join('|')})://[^\\s/?#]+[^\\s]*$`),
      `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')} (what came is not shown)`,
    )
    .transform((value) => new Secret(value));

/** Where a Redis is. Never shown, whatever is wrong with it. */
export const redisUrl = () =>
  text()
    .refine((value) => readRedisUrl(value) !== undefined, `must be ${redisUrlForm} (what came is not shown)`)
    .transform((value) => new Secret(value));

/** A web address that may hold a token, but no user or password. Never shown, whatever is wrong with it. */
export const receiverUrl = () =>
  secretUrl('https', 'http').refine((url) => {
    const parsed = URL.parse(url.reveal());
    return parsed !== null && parsed.username === '' && parsed.password === '';
  }, 'must be a URL without user or password (what came is not shown)');

/** Headers as `name=value` with commas between them, values percent-encoded as in OpenTelemetry's settings. Never shown. */
export const secretHeaders = () =>
  text().transform((value, issues): ReadonlyMap<string, Secret> => {
    const pairs = value.split(',').map((pair) => /^\s*([\w!#$%&'*+.^`|~-]+)=([\u0021-\u007e]*)\s*$/.exec(pair));
    const read = pairs.flatMap((pair) => (pair ? [[pair[1]!, decoded(pair[2]!)] as const] : []));
    if (read.length === pairs.length && read.every(([, each]) => each !== undefined))
      return new Map(read.map(([name, each]) => [name, new Secret(each!)]));
    const message = 'must be name=value with commas between them (what came is not shown)';
    issues.addIssue({ code: 'custom', message, params: {} });
    return z.NEVER;
  });

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const signingSecret = /^whsec_[A-Za-z0-9+/]+={0,2}$/;
const fewestSigningBytes = 24;
const mostSigningBytes = 64;

const isSigningSecret = (text: string): boolean => {
  const bytes = Math.floor((text.replace(/^whsec_|=+$/g, '').length * 3) / 4);
  return signingSecret.test(text) && bytes >= fewestSigningBytes && bytes <= mostSigningBytes;
};

/** Secrets of Standard Webhooks with commas between them. Never shown, whatever is wrong with them. */
export const signingSecrets = (most: number) =>
  text()
    .refine(
      (value) => value.split(',').length <= most && value.split(',').every((each) => isSigningSecret(each.trim())),
      `must be one to ${most} secrets with commas between them, each whsec_ and ${fewestSigningBytes} to ${mostSigningBytes} random bytes in base64, such as from: echo whsec_$(openssl rand -base64 32) (what came is not shown)`,
    )
    .transform((value) => value.split(',').map((each) => new Secret(each.trim())));
