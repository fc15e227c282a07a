import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../emulators/kit/front.ts';
import { checkLivekit } from '../../../src/cli/doctor/livekit.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import { createChecking } from '../../support/checking.ts';
import { startSmallLivekit } from '../../support/small-livekit.ts';

const own = { apiKey: 'key', apiSecret: 'canary-0123456789-abcdefghij-KLMNOP' };

const otherClocks = async () => [{ name: 'deepgram', aheadMs: 0 }];

async function look(url: string, key: Partial<typeof own> = {}) {
  const checking = createChecking();
  const access = { url, apiKey: key.apiKey ?? own.apiKey, apiSecret: new Secret(key.apiSecret ?? own.apiSecret) };
  const reached = await checkLivekit(access, { clock: systemClock, otherClocks }, checking);
  await reached?.api.close();
  expect(JSON.stringify(checking.findings)).not.toMatch(/canary|eyJ/);
  return { reached: reached !== undefined, findings: checking.findings };
}

describe('LiveKit, by doctor', () => {
  it('R7.2 that answers and takes the key is well, with how long it took', async () => {
    const { reached, findings } = await look((await startSmallLivekit(own)).url);
    expect(reached).toBe(true);
    expect(findings).toMatchObject([
      { check: 'clock', verdict: 'well' },
      { check: 'livekit', verdict: 'well', saw: expect.stringMatching(/takes the key key; ping \d+ ms$/) },
    ]);
  });

  it('R7.2 that is not there is not a wrong key', async () => {
    const { reached, findings } = await look(`ws://127.0.0.1:${await freeTcpPort()}`);
    expect(reached).toBe(false);
    expect(findings).toMatchObject([
      {
        verdict: 'mend',
        saw: expect.stringMatching(/is not reachable: ECONNREFUSED$/),
        mend: expect.stringMatching(/curl -v http:/),
      },
    ]);
  });

  it.each([
    ['of another name', { apiKey: 'other' }, /knows no key other$/, /LIVEKIT_API_KEY/],
    [
      'with another secret',
      { apiSecret: 'x'.repeat(40) },
      /knows the key key, and LIVEKIT_API_SECRET is not its secret$/,
      /LIVEKIT_API_SECRET/,
    ],
  ])('R7.2 a key %s is told apart', async (_, key, saw, mend) => {
    const { reached, findings } = await look((await startSmallLivekit(own)).url, key);
    expect(reached).toBe(false);
    expect(findings.at(-1)).toMatchObject({
      verdict: 'mend',
      saw: expect.stringMatching(saw),
      mend: expect.stringMatching(mend),
    });
  });

  it.each([90_000, -150_000])(
    'R7.2 a clock %d ms ahead is found, and with it that the key is right',
    async (aheadMs) => {
      const { reached, findings } = await look((await startSmallLivekit({ ...own, aheadMs })).url);
      const seconds = Math.abs(aheadMs) / 1000;
      expect(findings[0]).toMatchObject({
        check: 'clock',
        verdict: 'mend',
        saw: expect.stringMatching(/LiveKit’s is wrong$/),
      });
      expect(findings[0]!.saw).toMatch(new RegExp(`clock is ${seconds - 1}|${seconds}|${seconds + 1} s`));
      // Their minute of leeway, and the minute our tokens live.
      const refused = aheadMs > 120_000 || aheadMs < -60_000;
      expect([reached, findings[1]!.verdict]).toEqual(refused ? [false, 'mend'] : [true, 'well']);
      if (refused) expect(findings[1]!.saw).toMatch(/for the clocks alone: the key is right$/);
    },
  );

  it('what answers and is no LiveKit is told as it is', async () => {
    const other = createServer((_, response) => void response.writeHead(404).end('nothing here'));
    const port = await listen(other, 0);
    onTestFinished(() => void other.close().closeAllConnections());
    const { findings } = await look(`http://127.0.0.1:${port}`);
    expect(findings.at(-1)).toMatchObject({
      verdict: 'mend',
      saw: expect.stringMatching(/answers, but not as LiveKit: .*nothing here/),
    });
  });
});
