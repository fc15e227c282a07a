import { expect, test } from 'vitest';
import { greeted } from '../support/call-ask.ts';
import { openTestInstance } from '../support/call-instance.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEvent } from '../support/call-story.ts';
import { openCallWorld } from '../support/call-world.ts';
import { routeWebhooks, sharedLivekit } from '../support/hub.ts';
import { openCallRecorder } from '../support/recorder-world.ts';

const text = 'The house was built by the lake long ago, it has forty rooms and a view of the hills.';

test('S3 D1.7 a call goes on in the next process, from the first word that was not heard', () =>
  inRealTime(async () => {
    const world = await openCallWorld({ emulators: { openai: { rules: [{ text }] } } });
    const call = await world.dial();
    await greeted(call);
    await call.phone.sayWords('tell me more');
    await call.phone.when('heard.word', (word) => word.text === 'built');
    await world.instance.close();

    const next = await openTestInstance({ livekit: sharedLivekit(), env: world.emulators.env, dataDir: world.dataDir });
    await call.phone.when('heard.word', (word) => word.text === 'hills.', 60_000);
    const heard = call.phone.heard().map((word) => word.text);
    const answer = heard.slice(heard.indexOf('The'));
    const again = answer.length - text.split(' ').length;
    expect(new Set(answer)).toEqual(new Set(text.split(' ')));
    expect(again, answer.join(' ')).toBeLessThanOrEqual(2);
    expect(next.instance.calls.running().map((host) => host.callKey)).toEqual([call.callKey]);
    await call.phone.hangUp();
    await expect.poll(() => next.instance.calls.running().length).toBe(0);
    await next.close();
    await world.close();
  }));

test('R4.1 S3 a recording goes on in the next process, and there is one', () =>
  inRealTime(async () => {
    const agent = { recording: true };
    const recorder = await openCallRecorder();
    const { options } = recorder;
    const world = await openCallWorld({ ...options, agent, emulators: { openai: { rules: [{ text }] } } });
    const call = await world.dial();
    await call.until(isEvent('recording.started'));
    await world.instance.close();

    const livekit = recorder.reached(world);
    const env = { ...world.emulators.env, ...options.settings };
    const next = await openTestInstance({ livekit, agent, env, dataDir: world.dataDir });
    await routeWebhooks(call.room, `${next.doors.webhooks.url}/webhooks/livekit`);
    const recording = async () => (await next.instance.calls.get(call.callKey))?.recording;
    await call.phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'), 60_000);
    expect(await recording()).toMatchObject({ state: 'active' });
    await call.phone.hangUp();
    await expect.poll(recording).toMatchObject({ state: 'complete', files: [{ name: expect.stringMatching(/ogg$/) }] });
    expect(await recorder.list(world, call.room)).toHaveLength(1);
    await next.close();
    await world.close();
    await recorder.close();
  }));
