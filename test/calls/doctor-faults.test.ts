import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SipClient } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { startLivekitWithRedis } from '../support/livekit-with-redis.ts';
import { type DoctorWorld, openDoctorWorld } from '../support/doctor-world.ts';

let world: DoctorWorld;
beforeAll(async () => void (world = await openDoctorWorld()));
afterAll(() => world?.close());

const named = (findings: readonly Finding[], check: string) => findings.filter((each) => each.check === check);

describe('voicechart doctor, where something is wrong', () => {
  test('R7.2 a wrong secret is told apart, and nothing else of LiveKit is tried', async () => {
    const { code, findings } = await world.doctor([], { LIVEKIT_API_SECRET: 'y'.repeat(40) });
    expect(code).toBe(1);
    expect(named(findings, 'livekit')).toMatchObject([
      { verdict: 'mend', saw: expect.stringMatching(/is not its secret$/) },
    ]);
    expect(named(findings, 'test call')).toMatchObject([{ verdict: 'untried', saw: 'LiveKit comes first' }]);
  });

  test('R7.2 webhooks that go elsewhere are found by one that the server did not send here', async () => {
    const { code, findings } = await world.doctor(['--no-call'], { WEBHOOK_ADDR: `127.0.0.1:${await freeTcpPort()}` });
    expect([code, named(findings, 'webhooks')]).toMatchObject([
      1,
      [{ verdict: 'mend', saw: expect.stringMatching(/elsewhere or nowhere/) }],
    ]);
    expect(await world.rooms()).toEqual([]);
  });

  test('R7.2 beside an instance it asks that one, whose calls are not disturbed', async () => {
    const instance = world.start(['start']);
    await expect.poll(() => instance.output(), { timeout: 30_000 }).toContain('"code":"started"');
    const { code, findings } = await world.doctor(['--no-call']);
    expect(named(findings, 'webhooks'), JSON.stringify(findings)).toMatchObject([
      { verdict: 'well', saw: expect.stringMatching(/where an instance runs/) },
    ]);
    expect(code).toBe(0);
    instance.terminate();
    expect((await instance.exited).code).toBe(0);
  });

  test('R7.2 a number that no rule leads to an agent is found on the server, and a file that differs', async () => {
    const livekit = await startLivekitWithRedis();
    const sip = new SipClient(livekit.httpUrl, livekit.apiKey, livekit.apiSecret);
    await sip.createSipInboundTrunk('door', ['+49301', '+49302'], { allowedAddresses: ['203.0.113.7'] });
    const rule = { name: 'dispatch', trunkIds: ['ST_another'] };
    await sip.createSipDispatchRule({ type: 'individual', roomPrefix: 'voice-ai-call' }, rule);
    const file = join(dirname(world.env['DATA_DIR']!), 'lines.yaml');
    await writeFile(file, 'inbound: {}\n');
    const { url, apiKey, apiSecret } = livekit;
    const { findings } = await world.doctor(['--no-call', '-f', file], {
      LIVEKIT_URL: url,
      LIVEKIT_API_KEY: apiKey,
      LIVEKIT_API_SECRET: apiSecret,
    });
    await livekit.stop();
    expect(named(findings, 'numbers')).toMatchObject([
      { verdict: 'mend', saw: '+49301 has no dispatch rule: callers hear nothing' },
      { verdict: 'mend', saw: '+49302 has no dispatch rule: callers hear nothing' },
    ]);
    expect(named(findings, 'sip.yaml')).toMatchObject([{ verdict: 'well' }]);
  });

  test('R7.2 whatever hangs, it ends within half a minute', async () => {
    for (const vendor of ['deepgram', 'openai', 'cartesia'] as const)
      world.emulators[vendor].faults.add({ kind: 'hang', at: 'handshake' });
    const { code, findings, tookMs } = await world.doctor();
    for (const vendor of ['deepgram', 'openai', 'cartesia'] as const) world.emulators[vendor].faults.clear();
    expect([code, tookMs < 30_000]).toEqual([1, true]);
    for (const vendor of ['deepgram', 'openai', 'cartesia'])
      expect(named(findings, vendor), vendor).toMatchObject([{ verdict: 'mend' }]);
  });

  test('asked to stop in the middle of its call, it ends at once and leaves no room behind', async () => {
    const child = world.start(['doctor']);
    await expect.poll(() => world.isAgentThere(), { timeout: 30_000 }).toBe(true);
    const askedAt = performance.now();
    child.process.kill('SIGINT');
    expect((await child.exited).code).toBe(130);
    expect(performance.now() - askedAt).toBeLessThan(8000);
    expect(await world.rooms()).toEqual([]);
  });
});
