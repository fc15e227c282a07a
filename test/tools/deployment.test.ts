import { describe, expect, it } from 'vitest';
import { deploymentOf } from '../support/deployment.ts';

const all = {
  LIVEKIT_DEPLOYMENT_URL: 'wss://livekit.example.com',
  LIVEKIT_DEPLOYMENT_KEY: 'key',
  LIVEKIT_DEPLOYMENT_SECRET: 'a secret of its own',
  LIVEKIT_DEPLOYMENT_WEBHOOKS: '192.0.2.7:7000',
};

describe('a deployment for tests', () => {
  it('is what the environment names, or nothing', () => {
    expect(deploymentOf({})).toBeUndefined();
    expect(deploymentOf(all)).toEqual({
      livekit: {
        url: 'wss://livekit.example.com',
        httpUrl: 'https://livekit.example.com',
        apiKey: 'key',
        apiSecret: 'a secret of its own',
      },
      host: '192.0.2.7',
      port: 7000,
    });
  });

  it.each([
    ['LIVEKIT_DEPLOYMENT_SECRET', '', /^LIVEKIT_DEPLOYMENT_SECRET: missing; a deployment needs all of /],
    [
      'LIVEKIT_DEPLOYMENT_URL',
      'https://a',
      /^LIVEKIT_DEPLOYMENT_URL: must begin with ws:\/\/ or wss:\/\/, not "https:/,
    ],
    ['LIVEKIT_DEPLOYMENT_WEBHOOKS', 'here', /^LIVEKIT_DEPLOYMENT_WEBHOOKS: must be host:port, not "here"/],
  ])('bad input: %s=%j is told', (name, value, message) => {
    expect(() => deploymentOf({ ...all, [name]: value })).toThrow(message);
  });
});
