import { test } from 'vitest';
import { inRealTime } from '../support/call-real-time.ts';
import { deathMoments, deathRules } from '../support/death-moments.ts';
import type { Instances } from '../support/instances.ts';
import { twoInstances } from '../support/two-instances.ts';

let opened: Instances | undefined;

/** Two living instances; whoever was killed is followed by another. */
async function ready(): Promise<Instances> {
  opened ??= await twoInstances({ rules: deathRules });
  while (opened.living().length < 2) await opened.start(); // oxlint-disable-line no-await-in-loop -- seldom more than one
  return opened;
}

test.each(deathMoments)(
  'S3 D9.1 an owner that is killed in its conversation’s $state: the next one goes on from there',
  ({ state, comes, follows }) =>
    inRealTime(async () => {
      const world = await ready();
      const call = await world.dial();
      await comes(call, world);
      const owner = (await world.ownerOf(call.callKey))!;
      const killedAt = Date.now();
      await owner.kill();
      await follows(call, world, killedAt).catch((error: Error) => {
        const heard = call.phone.heard().map(({ text }) => text);
        throw new Error(`${error.message}\nheard: ${heard.join(' ')}\n${call.tell()}`, { cause: error });
      });
      const next = call.phone.heard().find(({ startMs }) => startMs > killedAt);
      console.log(`${state}: ${Math.round((next?.startMs ?? Number.NaN) - killedAt)} ms to the next word`);
      await call.phone.hangUp();
    }),
);
