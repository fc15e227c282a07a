import { expect, test } from 'vitest';
import { inRealTime } from '../support/call-real-time.ts';
import { resumptionOf } from '../support/resumption.ts';
import { hears, tale, toldTale, twoInstances } from '../support/two-instances.ts';

test('S3 D9.1 an instance is killed in mid-sentence: the other one excuses itself and says the rest, from the first unheard word', () =>
  inRealTime(async () => {
    const world = await twoInstances();
    const call = await toldTale(world);
    const killedAt = Date.now();
    await (await world.ownerOf(call.callKey))!.kill();
    await hears(call, 'hills.');
    const { repeated, lost, bridge, silenceMs } = resumptionOf(tale, call.phone.heard(), killedAt);
    console.log(`killed: ${silenceMs} ms of silence, "${bridge}", ${repeated} words twice`);
    expect(lost).toEqual([]);
    expect(repeated).toBeLessThanOrEqual(2);
    expect(bridge).toBe('Sorry for the pause.');
    expect(silenceMs).toBeLessThan(10_000);
    await world.close();
  }));
