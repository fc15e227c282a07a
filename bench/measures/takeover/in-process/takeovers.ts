import { setTimeout as delay } from 'node:timers/promises';
import { systemClock as clock } from '../../../../src/clock.ts';
import type { Fleet, Owner } from './fleet.ts';
import type { BenchRoom } from './hall.ts';
import type { Wrote } from './messages.ts';

const lookEveryMs = 20;
const longestMs = 20_000;
/** Longer than a lease, and than others wait in doubt. */
const frozenMs = 5_000;
const thawedMs = 4_000;
/** So many callers are being told something, at least, when their owner dies. */
const toldAtLeast = 3;

/** What became of the calls of one process. */
export interface Takeover {
  /** Ms until each call was claimed by another, and until that one was in its room; of calls that were. */
  readonly ownedMs: readonly number[];
  readonly backMs: readonly number[];
  /** Calls that nobody took. */
  readonly left: number;
}

/** What a process that was thawed tried to write of calls that were others' by then. */
export type Thawed = Takeover & { readonly refused: number; readonly accepted: number };

export async function killOne(fleet: Fleet): Promise<Takeover> {
  const victim = await talking(fleet);
  const rooms = roomsOf(fleet, victim);
  const at = clock.now();
  victim.signal('SIGKILL');
  return taken(fleet, victim, rooms, at);
}

export async function freezeOne(fleet: Fleet, keep: (writes: readonly Wrote[]) => void): Promise<Thawed> {
  const victim = await talking(fleet);
  const rooms = roomsOf(fleet, victim);
  const at = clock.now();
  victim.signal('SIGSTOP');
  const takeover = await taken(fleet, victim, rooms, at);
  await delay(Math.max(0, at + frozenMs - clock.now()));
  const thawedAt = clock.now();
  keep(fleet.writes());
  victim.signal('SIGCONT');
  await delay(thawedMs);
  const writes = fleet.writes();
  const epochs = new Map(rooms.map((room) => [room.name, fleet.owned(room)?.epoch ?? 0]));
  const late = writes.filter(
    ({ owner, at: wroteAt, room, epoch }) => owner === victim && wroteAt >= thawedAt && epoch < (epochs.get(room) ?? 0),
  );
  keep(writes.filter((wrote) => !late.includes(wrote)));
  const refused = late.filter(({ outcome }) => outcome === 'fenced').length;
  return { ...takeover, refused, accepted: late.length - refused };
}

const roomsOf = (fleet: Fleet, owner: Owner): readonly BenchRoom[] =>
  fleet.rooms.filter((room) => room.isPresent() && fleet.owned(room)?.owner === owner);

/**
 * The oldest process that runs calls, while some of their callers are told something: a call that loses three owners within their first
 * minute is given up, and so none is to lose more than two.
 */
async function talking(fleet: Fleet): Promise<Owner> {
  const oldest = fleet.owners.find((owner) => roomsOf(fleet, owner).length > 0);
  if (!oldest) throw new Error('no process runs calls');
  await until(() => roomsOf(fleet, oldest).filter(({ caller }) => caller.isTold()).length >= toldAtLeast);
  return oldest;
}

async function taken(fleet: Fleet, victim: Owner, rooms: readonly BenchRoom[], at: number): Promise<Takeover> {
  const next = (room: BenchRoom) => {
    const owned = fleet.owned(room);
    return owned && owned.owner !== victim ? owned : undefined;
  };
  const backAt = (room: BenchRoom) => room.joinedAt.get(next(room)?.epoch ?? 0);
  await until(() => rooms.every((room) => backAt(room) !== undefined));
  const ownedMs = rooms.flatMap((room) => next(room)?.at ?? []).map((ms) => ms - at);
  const backMs = rooms.flatMap((room) => backAt(room) ?? []).map((ms) => ms - at);
  return { ownedMs, backMs, left: rooms.length - ownedMs.length };
}

/** … or so long. */
export async function until(isSo: () => boolean, mostMs = longestMs): Promise<void> {
  const end = clock.now() + mostMs;
  // oxlint-disable-next-line no-await-in-loop -- one look after the other
  while (!isSo() && clock.now() < end) await delay(lookEveryMs);
}
