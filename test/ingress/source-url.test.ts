import { describe, expect, test } from 'vitest';
import { insideKind, readSourceUrl, shownUrl } from '../../src/ingress.ts';
import * as fc from '../support/properties.ts';

const anywhere = { hosts: [] };
const problem = (text: string, hosts: readonly string[] = []) => {
  const reading = readSourceUrl(text, { hosts });
  return 'problem' in reading ? reading.problem : `taken: ${reading.url.href}`;
};

describe('R5.3 an address to pull media from', () => {
  test.each<[string, RegExp]>([
    ['', /must be an address such as/],
    ['film.mp4', /must be an address/],
    ['//media.example/a', /must be an address/],
    ['ftp://media.example/a', /https:\/\/ or http:\/\//],
    ['file:///etc/passwd', /https:\/\/ or http:\/\//],
    ['rtmp://media.example/a', /https:\/\/ or http:\/\//],
    ['https:media.example/a', /https:\/\/ or http:\/\//],
    ['https:\\\\media.example\\a', /backslashes/],
    ['https://media.example/a b', /spaces/],
    ['https://media.exa\nmple/a', /one line/],
    [`https://media.example/${'x'.repeat(2048)}`, /2048 characters/],
    ['https://ada:secret@media.example/a', /user or password/],
    ['https://media.example@127.0.0.1/a', /user or password/],
    ['https://@media.example/a', /user or password/],
    ['https://media.example:22/a', /port 80, 443/],
    ['http://localhost/a', /host of the Internet/],
    ['http://LOCALHOST./a', /host of the Internet/],
    ['http://a.localhost/a', /host of the Internet/],
    ['http://../a', /host of the Internet/],
    ['http://printer/a', /host of the Internet/],
    ['http://printer.local/a', /host of the Internet/],
    ['http://metadata.google.internal/computeMetadata/v1/', /host of the Internet/],
    ['http://1.168.192.in-addr.arpa/a', /host of the Internet/],
    ['http://127.0.0.1/a', /this address is loopback/],
    ['http://127.0.0.1./a', /this address is loopback/],
    ['http://169.254.169.254/latest/meta-data/', /this address is metadata/],
    ['http://[::1]/a', /this address is loopback/],
    ['http://[::ffff:127.0.0.1]/a', /IPv4 within IPv6/],
    ['http://[64:ff9b::7f00:1]/a', /IPv4 within IPv6/],
    ['http://2130706433/a', /this address is loopback/],
    ['http://0177.0.0.1/a', /this address is loopback/],
    ['http://0x7f.1/a', /this address is loopback/],
    ['http://127.1/a', /this address is loopback/],
    ['http://１２７.０.０.１/a', /this address is loopback/],
    ['http://127。0。0。1/a', /this address is loopback/],
    ['http://%31%32%37.0.0.1/a', /this address is loopback/],
    ['http://134744072/a', /usual form/],
    ['http://010.8.8.8/a', /usual form/],
  ])('%j is refused', (text, said) => {
    expect(problem(text)).toMatch(said);
    expect(problem(text)).not.toMatch(/^taken|secret/);
  });

  test.each([
    ['https://media.example/film.mp4?sig=1#t=5', 'https://media.example/film.mp4?sig=1'],
    ['HTTP://Media.Example:8080/live.m3u8', 'http://media.example:8080/live.m3u8'],
    ['https://8.8.8.8/a', 'https://8.8.8.8/a'],
    ['https://[2606:4700::1111]/a', 'https://[2606:4700::1111]/a'],
    ['https://отель.example/a', 'https://xn--e1amhq6c.example/a'],
    ['https://media.example/a@b', 'https://media.example/a@b'],
  ])('%j is taken in its usual form', (text, href) => {
    expect(problem(text)).toBe(`taken: ${href}`);
  });

  test('where hosts are listed, others are refused', () => {
    const hosts = ['media.example', '*.cdn.example'];
    expect(problem('https://a.cdn.example/x', hosts)).toMatch(/^taken/);
    expect(problem('https://media.example./x', hosts)).toMatch(/^taken/);
    for (const host of ['cdn.example', 'evilcdn.example', 'media.example.evil.example', '8.8.8.8'])
      expect(problem(`https://${host}/x`, hosts)).toBe('must be at media.example, *.cdn.example');
  });

  test('whatever text comes, what is taken names no address from inside and nobody’s password', () => {
    const pieces = fc.constantFrom(
      '127.0.0.1',
      '@',
      'localhost',
      '[::1]',
      '0x7f000001',
      'a.example',
      '/',
      ':',
      '.',
      '?',
      '%2e',
      '#',
    );
    const text = fc
      .array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 8 })
      .map((all) => `http://${all.join('')}`);
    fc.assert(
      fc.property(text, (each) => {
        const reading = readSourceUrl(each, anywhere);
        if ('problem' in reading) return;
        const host = reading.url.hostname.replace(/^\[|\]$|\.$/g, '');
        expect([reading.url.username, reading.url.password, /(?:^|\.)localhost$/.test(host)]).toEqual(['', '', false]);
        if (/^[\d.]+$|:/.test(host)) expect(insideKind(host)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  test('is shown without what follows its question mark', () => {
    expect(shownUrl('https://media.example/a?sig=canary')).toBe('https://media.example/a?…');
    expect(shownUrl('https://media.example/a')).toBe('https://media.example/a');
  });
});
