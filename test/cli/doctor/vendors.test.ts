import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Emulators, startEmulators } from '../../../emulators/all.ts';
import { agent, cartesia, flux, groq, nova, openai } from '../../../src/agent.ts';
import { checkVendor, vendorUses } from '../../../src/cli/doctor/vendors.ts';
import { systemClock } from '../../../src/clock.ts';
import { readConfig } from '../../../src/config.ts';
import { createChecking } from '../../support/checking.ts';

const tester = agent({
  name: 'tester',
  language: ['en'],
  ears: [flux(), nova(), groq('whisper-large-v3-turbo')],
  model: [openai('gpt-5.4-mini'), groq('llama')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091'), openai('alloy')],
  disclosure: 'I am an AI.',
  greeting: 'Hello?',
  instructions: 'Answer.',
});

let emulators: Emulators;
beforeEach(async () => void (emulators = await startEmulators()));
afterEach(() => emulators.close());

function vendorsOf(env: Readonly<Record<string, string>> = {}) {
  const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:1', LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's'.repeat(32) };
  const reading = readConfig({ ...livekit, ...emulators.env, ...env });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const { config, secrets } = reading;
  return { config: config.vendors, secrets: secrets.vendors, clock: systemClock, threw: () => undefined };
}

async function look(env: Readonly<Record<string, string>> = {}, vendor?: string) {
  const vendors = vendorsOf(env);
  const checking = createChecking();
  for (const use of vendorUses([tester, tester], vendors))
    // oxlint-disable-next-line no-await-in-loop
    if (vendor === undefined || use.vendor === vendor) await checkVendor(use, vendors, checking);
  expect(JSON.stringify(checking.findings)).not.toContain('canary');
  return checking.findings;
}

describe('vendors, by doctor', () => {
  it('R7.2 each thing that agents use is used once, with how long it took', async () => {
    const findings = await look();
    expect(findings.map(({ saw }) => saw.replace(/\d+ ms/, '… ms'))).toEqual([
      'flux: open after … ms',
      'nova: open after … ms',
      'whisper-large-v3-turbo: open after … ms',
      'gpt-5.4-mini: first token after … ms',
      'llama: first token after … ms',
      'voice a0e99841: first sound after … ms',
      'voice alloy: first sound after … ms',
    ]);
    expect(findings.every(({ verdict }) => verdict === 'well')).toBe(true);
  });

  it.each(['deepgram', 'openai', 'groq', 'cartesia'])('R7.2 %s: a wrong key is told, and not shown', async (vendor) => {
    const name = `${vendor.toUpperCase()}_API_KEY`;
    const [finding] = await look({ [name]: 'canary-key' }, vendor);
    expect(finding).toMatchObject({
      check: vendor,
      verdict: 'mend',
      saw: expect.stringMatching(/^the key is not taken: /),
    });
    expect(finding?.mend).toMatch(new RegExp(`^export ${name}=… {3}\\(https://`));
  });

  it.each(['deepgram', 'openai', 'cartesia'] as const)('R7.2 %s: unreachable is not a wrong key', async (vendor) => {
    emulators[vendor].faults.add({ kind: 'refuse' });
    const [finding] = await look({}, vendor);
    expect(finding).toMatchObject({
      verdict: 'mend',
      saw: expect.stringMatching(/is not reachable: /),
      mend: expect.stringMatching(/^curl -v http/),
    });
  });

  it.each([
    ['deepgram', { status: 402, body: { err_code: 'ASR_PAYMENT_REQUIRED', err_msg: 'no credit' } }],
    ['openai', { status: 429, body: { error: { code: 'insufficient_quota', message: 'You exceeded your quota' } } }],
    ['cartesia', { status: 402, body: { error_code: 'quota_exceeded', title: 'No credits' } }],
  ] as const)('R7.2 %s: an account that is used up is not a wrong key', async (vendor, fault) => {
    emulators[vendor].faults.add({ kind: 'status', at: 'handshake', ...fault });
    const [finding] = await look({}, vendor);
    expect(finding).toMatchObject({
      verdict: 'mend',
      saw: expect.stringMatching(/^the key is right, the account is used up: /),
    });
  });

  it('too many requests are to be known', async () => {
    emulators.openai.faults.add({
      kind: 'status',
      at: 'handshake',
      status: 429,
      body: { error: { code: 'rate_limit_exceeded' } },
    });
    expect((await look({}, 'openai'))[0]).toMatchObject({ verdict: 'know' });
  });
});
