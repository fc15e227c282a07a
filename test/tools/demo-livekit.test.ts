import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { endOf } from '../../tools/demo/demo-error.ts';
import { findLivekit, openLivekit } from '../../tools/demo/livekit.ts';

const key = { LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret-of-thirty-two-characters-!' };
const nothing = () => undefined;

/** A server that answers everything with this status. */
async function answering<T>(status: number, use: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
}

const refusal = (env: Record<string, string>) => findLivekit(env, nothing).then(() => undefined, endOf);

describe('the LiveKit of the demo', () => {
  it('is the one of LIVEKIT_URL, with its webhooks where WEBHOOK_ADDR says', async () => {
    const said: string[] = [];
    await answering(200, async (url) => {
      const found = await findLivekit({ ...key, LIVEKIT_URL: url, WEBHOOK_ADDR: '127.0.0.1:18080' }, nothing);
      const livekit = await openLivekit(found!, (line) => void said.push(line));
      expect(livekit).toMatchObject({ url, apiKey: 'key', webhookAddr: '127.0.0.1:18080' });
      expect(said).toEqual([expect.stringContaining('must go to http://127.0.0.1:18080/webhooks/livekit')]);
      expect(await findLivekit({ ...key, LIVEKIT_URL: url }, nothing)).toMatchObject({ webhookAddr: '127.0.0.1:8080' });
    });
  });

  it.each([
    ['without its secret', { LIVEKIT_API_SECRET: '' }, 2, 'LIVEKIT_URL is set and LIVEKIT_API_SECRET not'],
    ['at no URL', { LIVEKIT_URL: 'livekit' }, 2, 'LIVEKIT_URL: must be a URL'],
    ['where nobody is', {}, 69, 'LIVEKIT_URL: the LiveKit at 127.0.0.1:1 does not answer'],
  ])('is refused %s', async (_, env, exitCode, why) => {
    const refused = await refusal({ LIVEKIT_URL: 'ws://127.0.0.1:1', ...key, ...env });
    expect(refused).toEqual({ exitCode, message: expect.stringContaining(why) });
  });

  it('is refused when it does not take the key, which is not shown', async () => {
    const refused = await answering(401, (url) => refusal({ ...key, LIVEKIT_URL: url }));
    expect(refused?.message).toContain('does not take LIVEKIT_API_KEY with LIVEKIT_API_SECRET');
    expect(refused?.message).not.toContain('thirty-two');
  });

  it('is none on a machine that has none, which with CI set is a failure', async () => {
    expect(await findLivekit({ PATH: '/none', XDG_CACHE_HOME: '/none' }, nothing)).toBeUndefined();
    const refused = await refusal({ PATH: '/none', XDG_CACHE_HOME: '/none', CI: 'true' });
    expect(refused).toEqual({ exitCode: 69, message: expect.stringContaining('put one on the PATH') });
  });
});
