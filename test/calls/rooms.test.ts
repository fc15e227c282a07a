import { expect, test } from 'vitest';
import { ask, greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { hubWebhookUrl } from '../support/hub.ts';
import { startLivekitWithRedis } from '../support/livekit-with-redis.ts';
import { openCallWorld } from '../support/call-world.ts';

test('R2.3 R2.4 an operator sees who is in a call, and ends its room only by naming it', () =>
  inRealTime(async () => {
    const world = await openCallWorld();
    const call = await world.dial();
    await greeted(call);
    const room = `${world.doors.api.url}/v1/rooms/${encodeURIComponent(call.room)}`;
    const ask = async (method: string, path: string, body?: object) => {
      const headers = { ...world.access.headers, 'content-type': 'application/json' };
      const sent = body && { body: JSON.stringify(body) };
      const answer = await fetch(`${room}${path}`, { method, headers, ...sent });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
    };

    expect(await ask('GET', '')).toMatchObject({ status: 200, body: { name: call.room } });
    const { body } = await ask('GET', '/participants');
    const kinds = body.participants.map(({ kind }: { kind: string }) => kind);
    expect(kinds.toSorted()).toEqual(['agent', 'sip']);
    const { identity, tracks } = body.participants.find(({ kind }: { kind: string }) => kind === 'sip');
    const caller = `/participants/${encodeURIComponent(identity)}`;
    const disturbing = [
      ['DELETE', ''],
      ['DELETE', caller],
      ['POST', `${caller}/tracks/${tracks[0].sid}/mute`, { muted: true }],
    ] as const;
    for (const [method, path, sent] of disturbing)
      expect(await ask(method, path, sent)).toMatchObject({
        status: 409,
        body: { code: 'call_live', fix: expect.stringContaining(encodeURIComponent(call.callKey)) },
      });
    expect(call.host()).toBeDefined();

    expect((await ask('DELETE', `?call=${encodeURIComponent(call.callKey)}`)).status).toBe(204);
    await call.until(isEnd);
    await expect.poll(() => ask('GET', '')).toMatchObject({ status: 404, body: { code: 'room_unknown' } });
    await world.close();
  }));

test('R9.5 whom there is no room for hears busy, and the call that goes on is not harmed', () =>
  inRealTime(async () => {
    const livekit = await startLivekitWithRedis({ webhookUrl: hubWebhookUrl() });
    const world = await openCallWorld({ livekit, settings: { MAX_ROOMS: '1' } });
    const call = await world.dial();
    await greeted(call);
    const second = await world.dial();
    expect(await second.phone.when('ended')).toMatchObject({ reason: 'PARTICIPANT_REMOVED', sip: 486 });
    expect((await world.instance.calls.list({ limit: 10 })).map(({ callKey }) => callKey)).toEqual([call.callKey]);
    await ask(call, 'what does a room cost', /./);
    await world.close();
    await livekit.stop();
  }));
