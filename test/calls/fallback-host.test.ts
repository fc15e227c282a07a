import { expect, test } from 'vitest';
import { calmPosture } from '../../src/posture.ts';
import { freeTcpPort, freeUdpPort } from '../../tools/lib/ports.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { ask, greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { openCallWorld } from '../support/call-world.ts';
import { hubWebhookUrl } from '../support/hub.ts';
import { openTestInstance } from '../support/call-instance.ts';

const rules = [
  { user: 'red', text: 'Ruby it is.' },
  { user: 'green', text: 'Then jade.' },
];

/** Two servers that know the same key and nothing of each other. */
async function twoServers() {
  const options = { binary: (await findLivekitServer())!, webhookUrl: hubWebhookUrl() };
  const first = await startLivekitServer(options);
  const { apiKey, apiSecret } = first;
  const at = { port: await freeTcpPort(), udpPort: await freeUdpPort(), apiKey, apiSecret };
  return [first, await startLivekitServer({ ...options, at })] as const;
}

test('D1.6 requests and new calls go to the other host, and a call stays at its own, also in the next process', () =>
  inRealTime(async () => {
    const [first, second] = await twoServers();
    const settings = { LIVEKIT_FALLBACK_URL: second.url };
    const world = await openCallWorld({ livekit: first, settings, emulators: { openai: { rules } } });
    const call = await world.dial();
    await greeted(call);
    const rooms = async () => {
      const answer = await fetch(`${world.doors.api.url}/v1/rooms`, { headers: world.access.headers });
      return [answer.status, ((await answer.json()) as { rooms?: { name: string }[] }).rooms?.map(({ name }) => name)];
    };
    expect(await rooms()).toEqual([200, [call.room]]);

    const { posture } = world.instance.care;
    posture.take({ ...calmPosture, version: 1, livekitHost: 'fallback' });
    expect(await rooms()).toEqual([200, []]);
    await ask(call, 'i like red', /Ruby/);
    const other = await world.dial({ at: second });
    await greeted(other);
    expect(await rooms()).toEqual([200, [other.room]]);

    await world.instance.close();
    const env = { ...world.emulators.env, ...settings };
    const next = await openTestInstance({ livekit: first, env, dataDir: world.dataDir });
    await call.phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'), 60_000);
    await other.phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'), 60_000);
    await call.phone.sayWords('well now green please');
    await call.phone.when('heard.word', ({ text }) => text === 'jade.');

    next.instance.care.posture.take({ ...calmPosture, version: 1, livekitHost: 'fallback' });
    await first.stop();
    await other.phone.sayWords('well now green please');
    await other.phone.when('heard.word', ({ text }) => text === 'jade.');
    await other.phone.hangUp();
    await expect.poll(() => next.instance.calls.running().map(({ callKey }) => callKey)).not.toContain(other.callKey);
    await next.close();
    await world.close();
    await second.stop();
  }));
