import { expect, test } from 'vitest';
import { greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEvent } from '../support/call-story.ts';
import { openInstances } from '../support/instances.ts';
import { resumptionOf } from '../support/resumption.ts';

const text = 'The house was built by some lake long ago, it has forty rooms and a view of the hills.';

test('S3 D1.7 the only process is killed in mid-sentence, and the next one goes on at the first unheard word', () =>
  inRealTime(async () => {
    const world = await openInstances({ emulators: { openai: { rules: [{ text }] } } });
    const first = await world.start();
    const call = await world.dial();
    await greeted(call);
    await call.phone.sayWords('tell me more');
    await call.phone.when('heard.word', (word) => word.text === 'lake');
    const killedAt = Date.now();
    await first.kill();
    await world.start();
    await call.phone.when('heard.word', (word) => word.text === 'hills.', 60_000);
    const { repeated, lost } = resumptionOf(text, call.phone.heard(), killedAt);
    expect(lost).toEqual([]);
    expect(repeated).toBeLessThanOrEqual(2);
    expect(await world.ownerOf(call.callKey)).toBeDefined();
    await world.close();
  }));

test('S3 D1.7 a question whose answer had not begun when the only process was killed is answered by the next one', () =>
  inRealTime(async () => {
    const world = await openInstances({
      emulators: { openai: { rules: [{ text }], settings: { firstTokenMs: 1000 } } },
    });
    const first = await world.start();
    const call = await world.dial();
    await greeted(call);
    await call.phone.sayWords('tell me more');
    await call.until(isEvent('stt.words'));
    await call.until((entry) => entry.kind === 'line' && entry.data.who === 'caller');
    await first.kill();
    await world.start();
    await call.phone.when('heard.word', (word) => word.text === 'hills.', 60_000);
    const heard = call.phone.heard().map((word) => word.text);
    expect(heard.slice(heard.indexOf('The')).join(' ')).toBe(text);
    await world.close();
  }));
