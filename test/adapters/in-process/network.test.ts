import { expect, test } from 'vitest';
import type { RoomFact } from '../../../src/actors/room.ts';
import { createInProcessRoom } from '../../../src/adapters/in-process/room.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

async function answered() {
  const clock = createVirtualClock();
  const world = createInProcessRoom({ clock });
  const phone = world.call({ identity: 'sip_1', callId: 'SCL_1' });
  phone.answer();
  const facts: RoomFact[] = [];
  const join = async () => {
    world.room.join({ signal: new AbortController().signal }, (fact) => facts.push(fact));
    await clock.advance(100);
  };
  await join();
  const types = () => facts.map((fact) => fact.type);
  return { clock, ...world, phone, facts, types, join };
}

test('while the link is down nobody is heard and nobody seems to leave; back up, nothing has changed', async () => {
  const { clock, network, phone, ear, types } = await answered();
  let frames = 0;
  ear.listen(() => (frames += 1));
  network.drop();
  phone.speak(new Int16Array(3_200).fill(5));
  phone.digit('1');
  await clock.advance(500);
  expect(frames).toBe(0);
  network.restore();
  await clock.advance(500);
  expect(frames).toBeGreaterThan(20);
  expect(types()).toEqual(['line.joined', 'caller.joined', 'caller.answered', 'line.reconnecting', 'line.reconnected']);
});

test('a caller who left while the link was down is reported afterwards', async () => {
  const { network, phone, types } = await answered();
  network.drop();
  phone.leave();
  expect(types().at(-1)).toBe('line.reconnecting');
  network.restore();
  expect(types().slice(-2)).toEqual(['line.reconnected', 'caller.left']);
});

test('a caller who left before the link went is reported again: the grace he was given is forgotten', async () => {
  const { network, phone, types } = await answered();
  phone.leave();
  network.drop();
  network.restore();
  expect(types().slice(-4)).toEqual(['caller.left', 'line.reconnecting', 'line.reconnected', 'caller.left']);
});

test('a caller who came back with a new SID while the link was down is bound again', async () => {
  const { network, phone, types } = await answered();
  network.drop();
  phone.rejoin();
  network.restore();
  expect(types().slice(-3)).toEqual(['line.reconnected', 'caller.joined', 'caller.answered']);
});

test('a link that is lost for good is a failure, after which a join may help; a refused join is a failure, too', async () => {
  const { network, types, facts, join } = await answered();
  network.fail();
  expect(facts.at(-1)).toMatchObject({ type: 'line.failed', failure: { class: 'network', retryable: true } });
  network.refuseJoins(true);
  await join();
  expect(types().slice(-2)).toEqual(['line.failed', 'line.failed']);
  network.refuseJoins(false);
  await join();
  expect(types().slice(-3)).toEqual(['line.joined', 'caller.joined', 'caller.answered']);
});

test('a fenced line reports nothing afterwards', async () => {
  const { network, phone, types } = await answered();
  network.fence('PARTICIPANT_REMOVED');
  phone.leave();
  network.restore();
  network.close();
  expect(types().at(-1)).toBe('line.fenced');
});
