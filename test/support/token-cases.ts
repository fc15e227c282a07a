import { createHmac } from 'node:crypto';
import { claimsOf, type PresetName } from '../../src/token.ts';

/** One token, what we say of it, and what a real server says. */
export interface TokenCase {
  readonly name: string;
  readonly token: string;
  /** `valid`, or the code of our refusal. */
  readonly ours: string;
  readonly server: 'valid' | 'refused';
}

interface Key {
  readonly apiKey: string;
  readonly apiSecret: string;
}

type Json = Record<string, unknown>;

const base64url = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

/** Signs whatever it is given: what a token should look like is the business of those who read it. */
function signed(header: string, payload: string, secret: string, hash = 'sha256'): string {
  const text = `${base64url(header)}.${base64url(payload)}`;
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

/** Tokens of every kind, good and bad, made now. */
export function tokenCases({ apiKey, apiSecret }: Key, nowMs: number): readonly TokenCase[] {
  const now = Math.floor(nowMs / 1000);
  const hs256 = '{"alg":"HS256","typ":"JWT"}';
  const claims = (preset: PresetName = 'viewer') =>
    claimsOf({ preset, identity: 'ada', room: 'voice-ai-call-cases' }, apiKey, { jti: 'one', atMs: nowMs });
  const base = claims();
  const text = (payload: string, header = hs256, secret = apiSecret) => signed(header, payload, secret);
  const of = (changes: Json, header = hs256) => text(JSON.stringify({ ...base, ...changes }), header);
  const granted = (changes: Json) => of({ video: { ...base.video, ...changes } });
  const preset = (name: PresetName) => text(JSON.stringify(claims(name)));
  const without = (claim: string) => of({ [claim]: undefined });
  /** A payload with something put before its end. */
  const ending = (more: string) => text(`${JSON.stringify(base).slice(0, -1)},${more}}`);
  const good = of({});
  const [header = '', payload = '', signature = ''] = good.split('.');
  const long = 'x'.repeat(257);

  const cases: readonly (readonly [string, string, string, TokenCase['server']])[] = [
    ['a viewer’s', preset('viewer'), 'valid', 'valid'],
    ['a camera’s', preset('camera'), 'valid', 'valid'],
    ['a caller’s', preset('caller'), 'valid', 'valid'],
    ['an agent’s', preset('agent'), 'valid', 'valid'],
    ['a recorder’s', preset('recorder'), 'valid', 'valid'],
    [
      'with name, metadata and attributes',
      of({ name: 'Ada', metadata: '{}', attributes: { a: 'b' } }),
      'valid',
      'valid',
    ],
    ['of a name in other letters', of({ sub: 'Äда 日本' }), 'valid', 'valid'],
    ['with a claim nobody knows', of({ colour: 'red' }), 'valid', 'valid'],
    ['with a grant nobody knows', granted({ mayFly: true }), 'valid', 'valid'],
    ['with SIP grants', of({ sip: { admin: true, call: true } }), 'valid', 'valid'],
    ['of a phone', of({ kind: 'sip' }), 'valid', 'valid'],
    [
      'that may publish from nowhere: from everywhere',
      granted({ canPublish: true, canPublishSources: [] }),
      'valid',
      'valid',
    ],
    [
      'of some sources',
      granted({ canPublish: true, canPublishSources: ['microphone', 'screen_share'] }),
      'valid',
      'valid',
    ],
    ['of the longest name of a room', granted({ room: 'x'.repeat(256) }), 'valid', 'valid'],
    ['of a short life', of({ exp: now + 10 }), 'valid', 'valid'],
    ['that ended 50 s ago', of({ exp: now - 50 }), 'valid', 'valid'],
    ['that begins in 50 s', of({ nbf: now + 50 }), 'valid', 'valid'],
    ['made 50 s from now', of({ iat: now + 50 }), 'valid', 'valid'],
    ['that ends at half a second', of({ exp: now + 300.5 }), 'valid', 'valid'],
    ['that says its end twice', ending(`"exp":${now + 60}`), 'valid', 'valid'],
    ['whose header says the least', of({}, '{"alg":"HS256"}'), 'valid', 'valid'],
    ['whose header names a key', of({}, '{"alg":"HS256","kid":"k1"}'), 'valid', 'valid'],
    ['with white space in its JSON', text(JSON.stringify(base, null, 2)), 'valid', 'valid'],

    ['no token', 'hello', 'malformed', 'refused'],
    ['of two parts', `${header}.${payload}`, 'malformed', 'refused'],
    ['of four parts', `${good}.${signature}`, 'malformed', 'refused'],
    ['without a signature', `${header}.${payload}.`, 'malformed', 'refused'],
    [
      'with a space in its signature',
      `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`,
      'malformed',
      'refused',
    ],
    ['with padding', `${header}.${payload}==.${signature}`, 'malformed', 'refused'],
    ['whose payload is no JSON', text('hello'), 'malformed', 'refused'],
    ['whose payload is a list', text('[]'), 'malformed', 'refused'],
    ['whose payload begins with a byte-order mark', text(`\uFEFF${JSON.stringify(base)}`), 'malformed', 'refused'],
    ['whose header is no JSON', text(JSON.stringify(base), 'hello'), 'malformed', 'refused'],
    ['whose header is empty', text(JSON.stringify(base), '{}'), 'algorithm', 'refused'],
    ['signed by nobody', `${base64url('{"alg":"none"}')}.${payload}.`, 'malformed', 'refused'],
    ['that says it is signed by nobody', text(JSON.stringify(base), '{"alg":"none"}'), 'algorithm', 'refused'],
    ['of HS512', signed('{"alg":"HS512"}', JSON.stringify(base), apiSecret, 'sha512'), 'algorithm', 'refused'],
    ['of HS384', signed('{"alg":"HS384"}', JSON.stringify(base), apiSecret, 'sha384'), 'algorithm', 'refused'],
    ['of RS256 with our secret', text(JSON.stringify(base), '{"alg":"RS256"}'), 'algorithm', 'refused'],
    ['of hs256 written small', text(JSON.stringify(base), '{"alg":"hs256"}'), 'algorithm', 'refused'],
    ['of a key nobody knows', of({ iss: 'other' }), 'key_unknown', 'refused'],
    ['of no key', without('iss'), 'key_unknown', 'refused'],
    ['signed by another secret', text(JSON.stringify(base), hs256, 'another secret'), 'signature_wrong', 'refused'],
    [
      'changed after it was signed',
      `${header}.${base64url(JSON.stringify(claims('agent')))}.${signature}`,
      'signature_wrong',
      'refused',
    ],
    ['with another’s signature', `${header}.${payload}.${preset('agent').split('.')[2]}`, 'signature_wrong', 'refused'],
    ['with a cut signature', `${header}.${payload}.${signature.slice(0, 20)}`, 'signature_wrong', 'refused'],
    ['whose end is a word', of({ exp: 'soon' }), 'claim_wrong', 'refused'],
    ['whose name is a number', of({ sub: 7 }), 'claim_wrong', 'refused'],
    ['whose grants are a word', of({ video: 'all' }), 'claim_wrong', 'refused'],
    ['whose right to join is a word', granted({ roomJoin: 'true' }), 'claim_wrong', 'refused'],
    ['whose sources are a word', granted({ canPublishSources: 'camera' }), 'claim_wrong', 'refused'],
    ['whose SIP grant is a word', of({ sip: { admin: 'yes' } }), 'claim_wrong', 'refused'],
    ['whose attributes are numbers', of({ attributes: { a: 1 } }), 'claim_wrong', 'refused'],
    ['of too long a name', of({ sub: long }), 'claim_wrong', 'refused'],
    ['of too long a name of a room', granted({ room: long }), 'claim_wrong', 'refused'],
    ['of nobody', of({ sub: '', jti: '' }), 'claim_wrong', 'refused'],
    ['without grants', without('video'), 'claim_wrong', 'refused'],
    ['with a second end, spelt otherwise and long past', ending('"EXP":1'), 'claim_wrong', 'refused'],
    [
      'with a second end, in letters that only look otherwise',
      ending('"i\u017F\u017F":"other"'),
      'claim_wrong',
      'refused',
    ],

    ['that ended 70 s ago', of({ iat: now - 670, nbf: now - 670, exp: now - 70 }), 'expired', 'refused'],
    ['that ended in 1970', of({ exp: 0 }), 'expired', 'refused'],
    ['that begins in 70 s', of({ nbf: now + 70 }), 'not_yet_valid', 'refused'],

    ['that may not join', granted({ roomJoin: false }), 'insufficient', 'refused'],
    ['that says nothing of joining', granted({ roomJoin: undefined }), 'insufficient', 'refused'],
    ['of no room', granted({ room: undefined }), 'insufficient', 'refused'],
    ['an administrator’s, who joins no room', preset('admin'), 'insufficient', 'refused'],

    ['without an end', without('exp'), 'claim_wrong', 'valid'],
    ['that does not say when it was made', without('iat'), 'claim_wrong', 'valid'],
    ['that does not say from when it is valid', without('nbf'), 'claim_wrong', 'valid'],
    ['that is told from no other', without('jti'), 'claim_wrong', 'valid'],
    ['of nobody but its own number', without('sub'), 'claim_wrong', 'valid'],
    ['whose end is a number in quotes', of({ exp: String(now + 60) }), 'claim_wrong', 'valid'],
    ['whose display name is null', of({ name: null }), 'claim_wrong', 'valid'],
    ['with grants in capitals', of({ video: { ROOMJOIN: true, room: 'voice-ai-call-cases' } }), 'claim_wrong', 'valid'],
    ['that brings settings for its room', of({ roomConfig: { maxParticipants: 1000 } }), 'claim_wrong', 'valid'],
    ['for an audience', of({ aud: 'somebody' }), 'claim_wrong', 'valid'],
    [
      'that publishes from a source nobody knows',
      granted({ canPublishSources: ['telescope'] }),
      'claim_wrong',
      'valid',
    ],
    ['that lives for 601 s', of({ exp: now + 601 }), 'lives_too_long', 'valid'],
    ['that lives for six hours', of({ exp: now + 21_600 }), 'lives_too_long', 'valid'],
    ['made 70 s from now', of({ iat: now + 70 }), 'made_in_future', 'valid'],
    ['that needs an extension', of({}, '{"alg":"HS256","crit":["x"],"x":1}'), 'extension', 'valid'],
    ['longer than any of ours', of({ metadata: 'x'.repeat(20_000) }), 'too_long', 'valid'],
  ];
  return cases.map(([name, token, ours, server]) => ({ name, token, ours, server }));
}
