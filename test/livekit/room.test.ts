import { describe, expect, onTestFinished, test } from 'vitest';
import { earContract } from '../support/contracts/ear.ts';
import { joinNoting, notePlayback } from '../support/contracts/line-world.ts';
import { roomContract } from '../support/contracts/room.ts';
import { speechOf, wordsIn } from '../support/contracts/spoken.ts';
import { disposeAtEnd, openLivekitWorld } from './livekit-world.ts';

disposeAtEnd();
describe('the LiveKit room', () => roomContract(openLivekitWorld));
describe('the LiveKit ear', () => earContract(openLivekitWorld));

const owned = async () => {
  const world = await openLivekitWorld();
  onTestFinished(() => world.end());
  await world.call({ identity: 'sip_+15550199', callId: 'SCL_one' });
  const first = joinNoting(world);
  await first.reported('caller.joined');
  return { world, first };
};

test('what the agent does is told anew after it has joined again', async () => {
  const { world, first } = await owned();
  const shown = async (identity: string) =>
    (await world.api.getParticipant(world.roomName, identity)).attributes['lk.agent.state'];
  world.room.showState('speaking');
  await expect.poll(() => shown('agent-1')).toBe('speaking');
  first.leave();
  const again = joinNoting(world);
  await again.reported('line.joined');
  // It comes back under a name of its own: LiveKit remembers the way that failed by the name.
  await expect.poll(() => shown('agent-1.2')).toBe('speaking');
});

test('S3 what waits to be said when the agent joins is heard from its first word by a caller who was there before', async () => {
  const world = await openLivekitWorld();
  onTestFinished(() => world.end());
  const phone = await world.call({ identity: 'sip_+15550199', callId: 'SCL_before' });
  await phone.answer();
  const speech = speechOf(['sorry', 'for', 'that', 'pause']);
  world.player.open(1, { held: false });
  world.player.write(1, speech.pcm);
  world.player.mark(1, speech.words);
  world.player.end(1);
  const playback = notePlayback(world);
  joinNoting(world);
  await playback.reported('playback.finished', 1);
  await world.until(() => wordsIn(phone.heard()).includes('pause'), 'the last word');
  expect(wordsIn(phone.heard())).toEqual(['sorry', 'for', 'that', 'pause']);
});

describe('two owners of one call in one room', () => {
  test('R9.3 the one of the higher epoch stays, the other is fenced', async () => {
    const { world, first } = await owned();
    const second = world.owner(2);
    await first.reported('line.fenced');
    await second.reported('caller.joined');
    expect(first.types().at(-1)).toBe('line.fenced');
    expect(second.types()).toEqual(['line.joined', 'caller.joined']);
  });

  test('R9.3 one that comes back from the past is put out', async () => {
    const { world, first } = await owned();
    const past = world.owner(0);
    await past.reported('line.fenced');
    expect(first.types()).toEqual(['line.joined', 'caller.joined']);
  });

  test('R9.3 of two of the same epoch the later has the place', async () => {
    const { world, first } = await owned();
    const twin = world.owner(1);
    await first.reported('line.fenced');
    expect(first.facts.at(-1)).toMatchObject({ reason: 'DUPLICATE_IDENTITY' });
    await twin.reported('caller.joined');
    expect(twin.types()).toEqual(['line.joined', 'caller.joined']);
  });
});

const handedOver = async () => {
  const { world, first } = await owned();
  const agents = async () => {
    const all = await world.api.listParticipants(world.roomName);
    return all.map(({ identity }) => identity).filter((identity) => identity.startsWith('agent-'));
  };
  world.awaitNext();
  first.leave();
  return { world, agents };
};

describe('one that has handed over its call', () => {
  test('S3 D9.1 stays until the next owner is there and puts it out, so that its caller is never alone', async () => {
    const { world, agents } = await handedOver();
    const second = world.owner(2);
    let there = await agents();
    while (!there.includes('agent-2')) {
      expect(there).not.toEqual([]);
      there = await agents(); // oxlint-disable-line no-await-in-loop -- one look after another
    }
    await second.reported('caller.joined');
    // By itself it would leave a second later.
    await expect.poll(agents, { timeout: 1000 }).toEqual(['agent-2']);
    expect(second.types()).toEqual(['line.joined', 'caller.joined']);
  });

  test('S3 D9.1 leaves all the same when nobody comes', async () => {
    const { agents } = await handedOver();
    await expect.poll(agents).toEqual([]);
  });
});
