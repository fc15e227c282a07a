import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createJournal } from '../../../emulators/kit/journal.ts';
import { openSipResponder } from '../../../emulators/livekit/sip-options.ts';
import { checkDataDir } from '../../../src/cli/doctor/data-dir.ts';
import { checkRedis } from '../../../src/cli/doctor/redis.ts';
import { findingText, wrapped } from '../../../src/cli/doctor/report.ts';
import { checkSettings } from '../../../src/cli/doctor/settings.ts';
import { checkSipGateway } from '../../../src/cli/doctor/sip-gateway.ts';
import { createSoundEdges, trimmed } from '../../../src/cli/doctor/sound-edges.ts';
import { Secret } from '../../../src/secret.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { createChecking } from '../../support/checking.ts';
import { widthOf } from '../../support/cli.ts';

async function told(run: (checking: ReturnType<typeof createChecking>) => Promise<unknown>) {
  const checking = createChecking();
  await run(checking);
  expect(JSON.stringify(checking.findings)).not.toContain('canary');
  return checking.findings;
}

const frame = (level: number) => new Int16Array(320).fill(level);

const at = (port: number) => ({ host: '127.0.0.1', port });

describe('the SIP gateway, by doctor', () => {
  it('R7.2 that answers OPTIONS is well', async () => {
    const gateway = await openSipResponder({ journal: createJournal() });
    onTestFinished(() => gateway.close());
    const [finding] = await told((each) => checkSipGateway(at(gateway.port), each));
    expect(finding).toMatchObject({ verdict: 'well', saw: expect.stringMatching(/answers OPTIONS in \d+ ms$/) });
  });

  it('R7.2 that is not there, or is another program, is to be mended; none is to be known', async () => {
    const stranger = createSocket('udp4');
    stranger.on('message', (_, from) => stranger.send('what?', from.port, from.address));
    await new Promise<void>((resolve) => void stranger.bind(0, '127.0.0.1', resolve));
    onTestFinished(() => void stranger.close());
    const findings = await told(async (each) => {
      await checkSipGateway(at(await freeTcpPort()), each);
      await checkSipGateway(at(stranger.address().port), each);
      await checkSipGateway(undefined, each);
    });
    expect(findings).toMatchObject([
      { verdict: 'mend', saw: expect.stringMatching(/does not answer OPTIONS: ECONNREFUSED$/) },
      { verdict: 'mend', saw: expect.stringMatching(/is no SIP server/) },
      { verdict: 'know' },
    ]);
  });
});

describe('Redis, by doctor', () => {
  it('R7.2 none is to be known; one that does not answer is to be mended', async () => {
    const url = new Secret(`redis://:canary@127.0.0.1:${await freeTcpPort()}`);
    const findings = await told(async (each) => {
      await checkRedis(undefined, each);
      await checkRedis(url, each);
    });
    expect(findings).toMatchObject([
      { verdict: 'know', saw: expect.stringMatching(/calls survive its restart, not its machine$/) },
      {
        verdict: 'mend',
        saw: expect.stringMatching(/is not reachable: .*ECONNREFUSED/),
        mend: 'start it, or unset REDIS_URL',
      },
    ]);
  });
});

describe('a Redis that answers, by doctor', () => {
  it('R7.2 must not forget when full, and should keep what it has', async () => {
    const server = await startRedis();
    onTestFinished(() => server.stop());
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    const findings = await told(async (each) => {
      const check = () => checkRedis(new Secret(server.url), each);
      await check();
      await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await check();
    });
    expect(findings).toMatchObject([
      { verdict: 'know', saw: expect.stringMatching(/^127\.0\.0\.1:\d+ answers: \d+\..*keeps nothing on disk$/) },
      { verdict: 'mend', mend: 'redis-cli config set maxmemory-policy noeviction' },
    ]);
  });
});

describe('the data folder, by doctor', () => {
  it('is made, and left as it was; a file in its place is to be mended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voicechart-doctor-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'file'), '');
    const findings = await told(async (each) => {
      await checkDataDir(join(folder, 'new'), 'probe', each);
      await checkDataDir(join(folder, 'file'), 'probe', each);
    });
    expect(findings).toMatchObject([
      { verdict: 'well', saw: expect.stringMatching(/can be written, \d+ [MG]B free$/) },
      { verdict: 'mend', saw: expect.stringMatching(/cannot be written \(EEXIST|ENOTDIR\)/) },
    ]);
  });
});

describe('settings, by doctor', () => {
  it('every problem is a finding of its own, with what mends it', async () => {
    const findings = await told((each) =>
      checkSettings({ AGENTS: 'nowhere', LIVEKIT_URLL: 'x', LIVEKIT_API_SECRET: 'canary' }, each.tell),
    );
    expect(findings.map(({ mend }) => mend).toSorted()).toEqual(
      ['export AGENTS=…', 'export LIVEKIT_API_KEY=…', 'export LIVEKIT_URL=…', 'unset LIVEKIT_URLL'].toSorted(),
    );
  });
});

describe('what doctor prints', () => {
  it('fits a terminal, and leaves commands whole', () => {
    const saw = 'a long way to say that nobody is at home, which takes more than a line of a terminal to say';
    const mend = 'voicechart sip apply --file another.yaml   (voicechart sip diff --file another.yaml shows it first)';
    const text = findingText({ check: 'numbers', verdict: 'mend', saw, mend }, false);
    expect([widthOf(text) <= 80, text]).toEqual([true, expect.stringMatching(/^ {2}✗ numbers {6}a long way/)]);
    expect(text).toContain('\n      mend: voicechart sip apply --file another.yaml\n');
    expect(findingText({ check: 'x', verdict: 'well', saw }, true)).toContain('\u001b[32m✓\u001b[39m');
  });

  it('a word longer than a line stays whole', () => {
    expect(wrapped(`see ${'x'.repeat(30)} there`, 20)).toEqual(['see', 'x'.repeat(30), 'there']);
  });
});

describe('the ear of doctor’s caller', () => {
  it('hears where sound begins and where it has ended, and no click', () => {
    const edges: unknown[] = [];
    const ear = createSoundEdges((edge, atMs) => edges.push([edge, atMs]));
    const levels = [0, 9000, 0, 9000, 9000, ...Array.from({ length: 80 }, () => 0)];
    for (const [n, level] of levels.entries()) ear.hear(frame(level), n * 20);
    expect(edges).toEqual([
      ['sound', 60],
      ['quiet', 100],
    ]);
  });

  it('silence at the end of what it says is not said', () => {
    expect(trimmed(new Int16Array(3200).fill(9000, 0, 1600)).length).toBe(1600);
  });
});
