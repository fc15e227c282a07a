import { expect, onTestFinished, test } from 'vitest';
import type { Look } from '../../src/runtime/line-look.ts';
import { joinNoting } from '../support/contracts/line-world.ts';
import { speechOf } from '../support/contracts/spoken.ts';
import { disposeAtEnd, openLivekitWorld } from './livekit-world.ts';

disposeAtEnd();

test('R9.4 a line is looked at: packets both ways, quality of both connections, how loud the agent is', async () => {
  const looks: Look[] = [];
  const world = await openLivekitWorld({ look: (seen) => looks.push(seen) });
  onTestFinished(() => world.end());
  const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_looks' });
  await phone.answer();
  const { reported } = joinNoting(world);
  await reported('caller.answered');
  const { pcm } = speechOf(Array.from({ length: 30 }, (_, at) => `w${at}`));
  world.player.open(1, { held: false });
  world.player.write(1, pcm);
  world.player.end(1);
  phone.speak(pcm);
  await world.until(() => looks.some(({ outgoing }) => outgoing?.roundTripMs !== undefined), 'a report of LiveKit’s');
  await world.until(() => looks.some(({ incoming }) => incoming?.lossRatio !== undefined), 'packets of the caller');
  await world.until(() => looks.some(({ quality }) => quality.agent && quality.caller), 'quality of both');
  const { incoming, outgoing } = looks.find((look) => look.incoming && look.outgoing)!;
  for (const figure of [
    incoming?.lossRatio,
    incoming?.jitterMs,
    outgoing?.lossRatio,
    outgoing?.jitterMs,
    outgoing?.roundTripMs,
  ])
    expect(figure).toBeGreaterThanOrEqual(0);
  expect(looks.find(({ agentDb }) => agentDb !== undefined)?.agentDb).toBeGreaterThan(-40);
  expect(looks.at(-1)!.sinceMs).toBeGreaterThan(900);
});
