import { describe, expect, it } from 'vitest';
import { token } from '../../src/cli/token.ts';
import { runCli, widthOf } from '../support/cli.ts';

const secret = 'canary-0123456789-abcdefghij-KLMNOP';
const env = { LIVEKIT_URL: 'ws://127.0.0.1:1', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: secret };
const create = ['create', '--room', 'voice-ai-call-1', '--identity', 'ada'];

async function run(args: readonly string[], settings: Readonly<Record<string, string>> = env) {
  const ran = await runCli(token, args, settings);
  expect(ran.out + ran.notes).not.toContain('canary');
  return ran;
}

describe('voicechart token', () => {
  it('help fits a terminal and names every verb and exit code', async () => {
    const { code, out } = await run(['--help']);
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
    for (const word of ['create', 'show', '--preset', '--right', '--json', '64', '78']) expect(out).toContain(word);
  });

  it('create prints the token alone, and what it is for besides', async () => {
    const { code, out, notes } = await run([...create, '--preset', 'caller', '--attribute', 'guest=a=b']);
    expect([code, out, notes]).toEqual([
      0,
      expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/),
      expect.stringMatching(/^caller ada in voice-ai-call-1, until /),
    ]);
    const shown = await run(['show', out.trim()]);
    expect([shown.code, shown.out]).toEqual([0, expect.stringMatching(/^valid\n {2}identity {3}ada\n/)]);
    expect(shown.out).toContain('guest=a=b, voicechart.role=caller');
    expect(shown.out).toMatch(/\((?:9 min 5\d s|10 min 0 s) left\)/);
  });

  it('a caller in a room that nobody answers is told so', async () => {
    const { notes } = await run(['create', '--room', 'hall', '--identity', 'ada', '--preset', 'caller']);
    expect(notes).toContain('no agent answers there: the room does not begin with ROOM_PREFIX, voice-ai-call');
  });

  it('--json says the same for programs', async () => {
    const made = JSON.parse((await run([...create, '--life', '10', '--json'])).out);
    expect(made).toMatchObject({ identity: 'ada', room: 'voice-ai-call-1', preset: 'viewer', url: env.LIVEKIT_URL });
    const shown = JSON.parse((await run(['show', made.token, '--json'])).out);
    expect(shown).toMatchObject({ valid: true, claims: { sub: 'ada' }, rights: ['roomJoin', 'canSubscribe'] });
  });

  it.each([
    ['of another room', ['--room', 'voice-ai-call-2'], /does not allow: room/],
    ['without a right', ['--right', 'canPublish'], /does not allow: canPublish/],
  ])('show: a token %s is 1', async (_, demand, said) => {
    const made = (await run(create)).out.trim();
    const { code, out } = await run(['show', made, ...demand]);
    expect([code, out]).toEqual([1, expect.stringMatching(said)]);
  });

  it('show: a token of another key, or with a changed letter, vouches for nothing', async () => {
    const made = (await run(create)).out.trim();
    const other = await run(['show', made], { ...env, LIVEKIT_API_KEY: 'other' });
    expect([other.code, other.out]).toEqual([1, 'not valid: The token was signed by a key that is not known here\n']);
    const changed = await run(['show', made.replace(/[^.]+$/, 'AAAA')]);
    expect([changed.code, changed.out]).toEqual([1, 'not valid: The signature does not fit the token\n']);
  });

  it.each([
    [['mend'], /create or show, not "mend"/],
    [['creat'], /did you mean create\?/],
    [['create', '--room', 'a'], /needs --room and --identity/],
    [[...create, '--preset', 'boss'], /--preset: viewer, camera, /],
    [[...create, '--life', '601'], /--life: a whole number from 10 to 600/],
    [[...create, '--attribute', 'guest'], /--attribute: KEY=VALUE/],
    [[...create, 'more'], /options only/],
    [['show'], /one token/],
    [['show', 'x', '--right', 'fly'], /--right: roomCreate, /],
    [['show', 'x', '--rigth', 'canPublish'], /Unknown option '--rigth'/],
  ])('%j is not understood', async (args, said) => {
    const { code, out, notes } = await run(args);
    expect([code, out]).toEqual([64, '']);
    expect(notes).toMatch(said);
  });

  it('wrong settings are 78, each told', async () => {
    const { code, notes } = await run(create, {});
    expect([code, notes]).toEqual([
      78,
      expect.stringMatching(/^LIVEKIT_URL: is missing\nLIVEKIT_API_KEY: is missing\n/),
    ]);
    expect(JSON.parse((await run([...create, '--json'], {})).out)).toMatchObject({ result: 'refused' });
  });
});
