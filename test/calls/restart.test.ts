import { expect, test } from 'vitest';
import { greeted } from '../support/call-ask.ts';
import { openTestInstance } from '../support/call-instance.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { openCallWorld } from '../support/call-world.ts';
import { sharedLivekit } from '../support/hub.ts';

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
