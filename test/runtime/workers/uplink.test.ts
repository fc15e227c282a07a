import { expect, test } from 'vitest';
import type { LineLook } from '../../../src/runtime/line-look.ts';
import type { FromWorker } from '../../../src/runtime/workers/messages.ts';
import { createUplink } from '../../../src/runtime/workers/uplink.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const look: LineLook = { callKey: 'r~a', sinceMs: 1000, quality: {} };

function world({ taken = true } = {}) {
  const clock = createVirtualClock();
  const sent: FromWorker[] = [];
  const takes: (() => void)[] = [];
  const dropped: number[] = [];
  const uplink = createUplink({
    send(message, done) {
      sent.push(message);
      if (taken) done();
      else takes.push(done);
    },
    clock,
    dropped: (entries) => dropped.push(entries),
  });
  return { clock, uplink, sent, dropped, take: () => takes.splice(0).forEach((done) => done()) };
}

const sizes = (sent: readonly FromWorker[]) => sent.map((each) => (each.type === 'told' ? each.looks.length : 0));

test('what calls tell goes up together, within 100 ms, or as soon as it is much', async () => {
  const { clock, uplink, sent } = world();
  uplink.look(look);
  uplink.look(look);
  await clock.advance(100);
  expect(sizes(sent)).toEqual([2]);
  for (let count = 0; count < 201; count += 1) uplink.look(look);
  expect(sizes(sent)).toEqual([2, 200]);
  uplink.flush();
  expect(sizes(sent)).toEqual([2, 200, 1]);
  await clock.advance(1000);
  expect(sent).toHaveLength(3);
});

test('while nobody takes it no more than 50 batches wait; how much was dropped is told when it goes on', () => {
  const { uplink, sent, dropped, take } = world({ taken: false });
  for (let count = 0; count < 60; count += 1) {
    uplink.look(look);
    uplink.flush();
  }
  expect([sent.length, dropped]).toEqual([50, []]);
  take();
  uplink.look(look);
  uplink.flush();
  expect([sent.length, dropped]).toEqual([51, [10]]);
});
