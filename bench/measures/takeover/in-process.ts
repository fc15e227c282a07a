import { setTimeout as delay } from 'node:timers/promises';
import { systemClock as clock } from '../../../src/clock.ts';
import { type Figure, figureOf } from '../../figure.ts';
import { loadNow } from '../../machine.ts';
import { type Fleet, openFleet } from './in-process/fleet.ts';
import { freezeOne, killOne, type Takeover, type Thawed, until } from './in-process/takeovers.ts';
import { type Acknowledged, createAcknowledged, turnsLost, wordsOf } from './in-process/turns.ts';
import { turnsOf } from './in-process/watched.ts';

export interface InProcessOptions {
  /** Calls at a time. Default 500. */
  readonly calls?: number;
  readonly tell: (line: string) => void;
  /** Told of what went wrong and was left out. */
  readonly trouble: (line: string) => void;
}

const processes = 4;
const freezes = 2;
/** Each is greeted at once, which is more than all else that happens here. */
const ringEveryMs = 80;
const restMs = 6_000;
const lastTurnMs = 40_000;
/** From the last word of an answer until its turn is in the store, and more. */
const keptWithinMs = 3_000;

/** Calls whose rooms and callers are here, run by processes of which one after another is killed, and then frozen for longer than its lease. */
export async function measureInProcess({ calls = 500, tell, trouble }: InProcessOptions): Promise<readonly Figure[]> {
  const fleet = await openFleet(calls, Math.ceil(calls / processes));
  try {
    await begin(fleet, tell);
    const acknowledged = createAcknowledged();
    const killed: Takeover[] = [];
    const thawed: Thawed[] = [];
    // oxlint-disable no-await-in-loop -- one after the other
    for (let n = 0; n < processes; n += 1) {
      await fleet.start();
      killed.push(await killOne(fleet));
      tell(`  killed: ${textOf(killed.at(-1)!)}`);
      await delay(restMs);
      acknowledged.keep(fleet.writes());
    }
    await fleet.start();
    for (let n = 0; n < freezes; n += 1) {
      thawed.push(await freezeOne(fleet, acknowledged.keep));
      tell(`  frozen: ${textOf(thawed.at(-1)!)}, then ${thawed.at(-1)!.refused} writes refused`);
      await delay(restMs);
    }
    // oxlint-enable no-await-in-loop
    const dropped = await notAnswered(fleet);
    for (const room of dropped) {
      const how = room.isPresent() ? 'not answered any more' : 'hung up on';
      trouble(`${room.name} was ${how}: ${await fleet.lastOf(room)}`);
    }
    acknowledged.keep(fleet.writes());
    fleet.troubles.slice(0, 20).forEach(trouble);
    return [
      ...figuresOfKills(killed),
      ...figuresOfThaws(thawed),
      ...(await figuresOfCalls(fleet, dropped.length, acknowledged, trouble)),
    ];
  } finally {
    await fleet.close();
  }
}

async function begin(fleet: Fleet, tell: (line: string) => void): Promise<void> {
  await Promise.all(Array.from({ length: processes }, () => fleet.start()));
  tell(`  ${processes} processes run; ${fleet.rooms.length} callers come`);
  for (const room of fleet.rooms) {
    // oxlint-disable-next-line no-await-in-loop -- the pace
    await Promise.all([fleet.ring(room), delay(ringEveryMs)]);
  }
  await until(() => fleet.rooms.every(({ caller }) => caller.answered.size > 0), lastTurnMs);
  const talking = fleet.rooms.filter(({ caller }) => caller.answered.size > 0).length;
  tell(`  ${talking} calls talk`);
}

const textOf = ({ ownedMs, left }: Takeover): string =>
  `${ownedMs.length} calls taken within ${Math.max(...ownedMs)} ms, ${left} left`;

/** Everybody asks once more, and hears the answer; gives those who do not. */
async function notAnswered(fleet: Fleet): Promise<Fleet['rooms']> {
  const from = clock.now();
  const isAnswered = (room: Fleet['rooms'][number]) =>
    room.isPresent() && [...room.caller.answered.values()].some((at) => at >= from);
  for (const { caller } of fleet.rooms) {
    caller.hurry();
    // oxlint-disable-next-line no-await-in-loop -- the pace
    await delay(ringEveryMs);
  }
  await until(() => fleet.rooms.every(isAnswered), lastTurnMs);
  return fleet.rooms.filter((room) => !isAnswered(room));
}

const noteOf = (killed: readonly Takeover[]): string =>
  `${killed[0]?.ownedMs.length ?? 0} calls, all taken by one process; vendors are scripted in it, each caller asks about once in 95 s and hears ten words`;

const figuresOfKills = (killed: readonly Takeover[]): readonly Figure[] => [
  figureOf(
    { name: 'process killed → each of its calls claimed by another', note: noteOf(killed), load: loadNow() },
    killed.map(({ ownedMs }) => ownedMs),
  ),
  figureOf(
    { name: 'process killed → another agent in each of its rooms', load: loadNow() },
    killed.map(({ backMs }) => backMs),
  ),
];

/** Where a process tried nothing, it is not shown that anything would have been refused. */
const figuresOfThaws = (thawed: readonly Thawed[]): readonly Figure[] => [
  figureOf(
    {
      name: 'process frozen for 5 s, then thawed: its writes that were taken',
      unit: 'writes',
      note: `tried and refused: ${thawed.map(({ refused }) => refused).join(', ')}`,
      load: loadNow(),
    },
    thawed.filter(({ refused, accepted }) => refused + accepted > 0).map(({ accepted }) => [accepted]),
    [{ of: 'max', atMost: 0 }],
  ),
];

async function figuresOfCalls(
  fleet: Fleet,
  dropped: number,
  acknowledged: Acknowledged,
  trouble: (line: string) => void,
): Promise<readonly Figure[]> {
  const before = clock.now();
  await delay(keptWithinMs);
  const lost = await Promise.all(
    fleet.rooms.map(async (room) => {
      const context = await fleet.context(room);
      const kept = context ? turnsOf(context) : { asked: [], answered: [] };
      const turns = turnsLost(kept, acknowledged.turnsOf(room.name), room.caller, before);
      if (turns.length > 0) trouble(`${room.name} has not kept ${turns.join(', ')}`);
      return turns.length;
    }),
  );
  const words = fleet.rooms.flatMap(({ caller }) => wordsOf(caller));
  const load = loadNow();
  const none = [{ of: 'max', atMost: 0 }] as const;
  return [
    figureOf({ name: `calls dropped, of ${fleet.rooms.length}`, unit: 'calls', load }, [[dropped]], none),
    figureOf({ name: 'committed turns lost, in a call', unit: 'turns', load }, [lost], none),
    figureOf(
      { name: 'words heard again, of an answer', unit: 'words', load },
      [words.map(({ again }) => again)],
      [{ of: 'max', atMost: 2 }],
    ),
    figureOf({ name: 'words never heard, of an answer', unit: 'words', load }, [words.map((each) => each.lost)], none),
    figureOf({ name: 'two agents in a room at a time', load }, [fleet.rooms.map((room) => room.bothMs())]),
    figureOf(
      { name: 'two agents heard at a time', load },
      [fleet.rooms.map(({ caller }) => caller.overlapMs())],
      [{ of: 'max', atMost: 300 }],
    ),
  ];
}
