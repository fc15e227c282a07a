import { expect, test } from 'vitest';
import type { PhoneEvent } from '../../emulators/phone/types.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import { greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { entersState } from '../support/call-story.ts';
import type { MortalCall } from '../support/instances.ts';
import { resumptionOf } from '../support/resumption.ts';
import { hears, tale, toldTale, twoInstances } from '../support/two-instances.ts';

const isRestored = (entry: LogEntry) => entry.kind === 'call' && entry.data.what === 'restored';

const voicesOf = (call: MortalCall, type: 'voice.joined' | 'voice.left') =>
  call.phone.events().flatMap((event) => (event.type === type ? [event] : []));

test('S3 D9.1 a deploy: an instance that is asked to stop hands its call over between two turns, without a word and without a gap', () =>
  inRealTime(async () => {
    const world = await twoInstances();
    const call = await toldTale(world);
    const gone = (await world.ownerOf(call.callKey))!.terminate();
    await hears(call, 'hills.');
    await call.until(isRestored);
    const { atMs: joinedAt } = await call.phone.when('voice.joined', (event) => event.identity.endsWith('-2'));
    await call.phone.sayWords('and what about breakfast');
    await hears(call, 'Seven');
    const gapMs = Math.round(joinedAt - voicesOf(call, 'voice.left').at(-1)!.atMs);
    console.log(`handed over: ${gapMs} ms with nobody in the room`);
    const heard = call.phone.heard().map((word) => word.text);
    expect(heard.slice(heard.indexOf('The'), heard.indexOf('Seven')).join(' ')).toBe(tale);
    expect(gapMs).toBeLessThan(1000);
    expect(await gone).toBe(0);
    await world.close();
  }));

test('S3 D9.1 an instance that is asked to stop while the caller looks for his number hands the call over at once, and the keys are the next one’s', () =>
  inRealTime(async () => {
    const wish = { user: 'number', text: 'Type four keys.', tools: [{ name: 'collect_digits', input: { max: 4 } }] };
    const world = await twoInstances({ rules: [wish, { user: 'keys: 4711', text: 'Found you.' }] });
    const call = await world.dial();
    await greeted(call);
    const waits = call.until(entersState('collectingDigits'));
    await call.phone.sayWords('my number');
    await waits;
    await (await world.ownerOf(call.callKey))!.terminate();
    await call.phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'));
    await call.phone.sendDigits('4711');
    await hears(call, 'Found');
    const heard = call.phone.heard().map(({ text }) => text);
    expect(heard.slice(heard.indexOf('Type')).join(' ')).toMatch(/^Type four keys\. (?:One moment, please\. )?Found/);
    await world.close();
  }));

/** Whoever took the call has its next owner in the room, or says the rest already. */
const thaws = [
  ['as soon as it is claimed', (call: MortalCall) => call.until(isRestored)],
  ['while the next owner speaks', (call: MortalCall) => hears(call, 'rooms')],
] as const;

test.each(thaws)(
  'S3 D9.1 an owner that was frozen for longer than its lock and goes on %s finds its call taken, is heard beside the next one for 0.3 s at most, and never comes back',
  (when, isTime) =>
    inRealTime(async () => {
      const world = await twoInstances();
      const call = await toldTale(world);
      const owner = (await world.ownerOf(call.callKey))!;
      const frozenAt = Date.now();
      owner.freeze();
      await isTime(call);
      const thawedAt = Date.now();
      owner.thaw();
      const next = await call.phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'));
      await hears(call, 'hills.');
      await call.phone.sayWords('and what about breakfast');
      await hears(call, 'Seven');
      const { repeated, lost, bridge, silenceMs } = resumptionOf(tale, call.phone.heard(), frozenAt);
      const bothMs = overlapMs(call, next.atMs);
      console.log(
        `thawed ${when}: ${bothMs} ms of both, ${silenceMs} ms of silence, "${bridge}", ${repeated} words twice`,
      );
      expect(bothMs).toBeLessThanOrEqual(300);
      expect(lost).toEqual([]);
      expect(repeated).toBeLessThanOrEqual(2);
      expect(voicesOf(call, 'voice.joined').filter(({ atMs }) => atMs > Math.max(thawedAt, next.atMs))).toEqual([]);
      await world.close();
    }),
);

/** From the first sound of the next owner's excuse, or what may be one, until the last owner's voice was gone from the room. */
function overlapMs(call: MortalCall, joinedAt: number): number {
  const sounds = call.phone
    .events()
    .flatMap((event) => (isExcuse(event) && event.startMs > joinedAt ? [event.startMs] : []));
  const left = voicesOf(call, 'voice.left').find(({ identity }) => identity.endsWith('-1'));
  return Math.max(0, Math.round((left?.atMs ?? Number.NaN) - sounds[0]!));
}

const isExcuse = (event: PhoneEvent): event is PhoneEvent & { readonly startMs: number } =>
  event.type === 'heard.damaged' || (event.type === 'heard.word' && ['Sorry', 'for', 'pause.'].includes(event.text));
