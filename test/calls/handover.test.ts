import { expect, test } from 'vitest';
import { inRealTime } from '../support/call-real-time.ts';
import type { MortalCall } from '../support/instances.ts';
import { resumptionOf } from '../support/resumption.ts';
import { hears, tale, toldTale, twoInstances } from '../support/two-instances.ts';

const voicesOf = (call: MortalCall, type: 'voice.joined' | 'voice.left') =>
  call.phone.events().filter((event) => event.type === type);

test('S3 D9.1 a deploy: an instance that is asked to stop hands its call over between two turns, without a word and without a gap', () =>
  inRealTime(async () => {
    const world = await twoInstances();
    const call = await toldTale(world);
    const gone = (await world.ownerOf(call.callKey))!.terminate();
    await hears(call, 'hills.');
    await call.until((entry) => entry.kind === 'call' && entry.data.what === 'restored');
    const { atMs: joinedAt } = await call.phone.when('voice.joined', (event) => event.identity.endsWith('-2'));
    await call.phone.sayWords('and what about breakfast');
    await hears(call, 'Seven');
    const gapMs = Math.round(joinedAt - voicesOf(call, 'voice.left').at(-1)!.atMs);
    console.log(`handed over: ${gapMs} ms with nobody in the room`);
    const heard = call.phone.heard().map((word) => word.text);
    expect(heard.slice(heard.indexOf('The'), heard.indexOf('Seven')).join(' ')).toBe(tale);
    expect(gapMs).toBeLessThanOrEqual(500);
    expect(await gone).toBe(0);
    await world.close();
  }));

test('S3 D9.1 an owner that was frozen for longer than its lock finds its call taken, and never comes back', () =>
  inRealTime(async () => {
    const world = await twoInstances();
    const call = await toldTale(world);
    const owner = (await world.ownerOf(call.callKey))!;
    const frozenAt = Date.now();
    owner.freeze();
    await call.phone.when('voice.joined', (event) => event.identity.endsWith('-2'));
    await hears(call, 'rooms');
    const thawedAt = Date.now();
    owner.thaw();
    await hears(call, 'hills.');
    await call.phone.sayWords('and what about breakfast');
    await hears(call, 'Seven');
    const { repeated, lost, bridge, silenceMs } = resumptionOf(tale, call.phone.heard(), frozenAt);
    console.log(`frozen: ${silenceMs} ms of silence, "${bridge}", ${repeated} words twice`);
    expect(lost).toEqual([]);
    expect(repeated).toBeLessThanOrEqual(2);
    expect(voicesOf(call, 'voice.joined').filter((event) => event.atMs > thawedAt)).toEqual([]);
    await world.close();
  }));
