import { expect, test } from 'vitest';
import { inNetworks, readConfig } from '../../src/config.ts';
import { isNetwork } from '../../src/config/networks.ts';

test('R8.5 proxies are told by address or network', () => {
  const isOurs = inNetworks(['10.0.0.0/8', '203.0.113.7', 'fd00::/8']);
  const ours = ['10.255.1.1', '203.0.113.7', 'fd12::1'];
  const others = ['11.0.0.1', '203.0.113.8', 'fe80::1', 'localhost', ''];
  expect([...ours, ...others].filter(isOurs)).toEqual(ours);
});

test('R8.5 what is none is told at the start', () => {
  const wrong = ['10.0.0.0/33', '::1/129', '10.0.0/8', 'proxy.example', '10.0.0.1/', '10.0.0.1/8/8', ''];
  expect(wrong.filter(isNetwork)).toEqual([]);
  const least = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'k', LIVEKIT_API_SECRET: 's'.repeat(32) };
  const reading = readConfig({
    ...least,
    TRUSTED_PROXIES: 'proxy.example',
    CALLS_PER_NUMBER: '0',
    PREMIUM_PREFIXES: '900',
  });
  expect('problems' in reading && reading.problems).toEqual([
    expect.stringMatching(/^PREMIUM_PREFIXES: must be beginnings of numbers/),
    expect.stringMatching(/^CALLS_PER_NUMBER: must be a whole number from 1 to 1000/),
    expect.stringMatching(/^TRUSTED_PROXIES: must be addresses or networks/),
  ]);
});
