import {
  type Absence,
  type Comparison,
  type Counts,
  type ListedCaller,
  type Repair,
  type SweepMemory,
} from '../actors/reconcile.ts';
import { callerKeyOf, isCallersRole } from '../actors/room.ts';
import { callKeyOf } from './call-key.ts';
import type { OpenCall } from './call-store.ts';
import type { ParticipantSummary } from './rooms.ts';

/** What a look found. */
export interface Found {
  /** ms since 1970. */
  readonly now: number;
  /** Our rooms that LiveKit lists. */
  readonly rooms: readonly string[];
  /** Who is in those that were looked into, and answered. */
  readonly people: ReadonlyMap<string, readonly ParticipantSummary[]>;
  /** As they were before LiveKit was asked, so that none of them is younger than its answer. */
  readonly calls: readonly OpenCall[];
}

/** Rooms looked into at once: each is a request. */
export const mostLooks = 20;
/** A caller who left is told of within 30 s, and one who comes back has 30 s after an outage. */
const absentMs = 15_000;
const absentAfterTroubleMs = 40_000;
const troubleLastsMs = 120_000;
/** More callers than this share of the calls, and at least so many, do not hang up at once without a word. */
const vanishedShare = 0.2;
const leastVanished = 5;
/** Looks in which a room had no call before it may be one that a dead server left behind; it is asked in that one, in the eighth, and ever more seldom. */
const idleLooks = 4;
const mostCleared = 5;

/** The rooms to look into now: new ones, those of which something is not as it should be, and those not seen for longest. */
export function roomsToLookInto(
  rooms: readonly string[],
  calls: readonly OpenCall[],
  { lookedAt, unserved, absent, idle }: SweepMemory,
): readonly string[] {
  const suspects = new Set(calls.filter(({ callKey }) => unserved[callKey] ?? absent[callKey]).map(({ room }) => room));
  const byAge = rooms.toSorted((a, b) => (lookedAt[a] ?? 0) - (lookedAt[b] ?? 0));
  const isFirst = (room: string) => lookedAt[room] === undefined || suspects.has(room) || (idle[room] ?? 9) < 2;
  const first = byAge.filter(isFirst).slice(0, mostLooks / 2);
  return [...new Set([...first, ...byAge])].slice(0, mostLooks);
}

/** Holds what LiveKit has in its rooms against our calls. A room that was not looked into says nothing, and one that is not listed has nobody. */
export function compare(found: Found, memory: SweepMemory): Comparison {
  const callers = [...found.people].flatMap(([room, people]) => people.flatMap((each) => callerIn(room, each)));
  const keys = new Set(callers.map(keyOf));
  const wanted = new Set(found.calls.map(({ callKey }) => callKey));
  const seen = found.calls.filter(({ room }) => found.people.has(room) || !found.rooms.includes(room));
  const uncalled = counted(
    memory.uncalled,
    callers.filter((caller) => !wanted.has(keyOf(caller))).map(({ sid }) => sid),
  );
  const lonely = seen.filter(({ callKey, room }) => keys.has(callKey) && !hasAgent(found, room));
  const unserved = counted(memory.unserved, lonely.map(keyOfCall));
  const absent = absences(found, memory, seen, keys);
  const vanished = hasVanished(absent, found);
  const gone = vanished ? [] : Object.keys(absent).filter((key) => isLong(absent[key]!, found.now, memory));
  const taken = new Set(found.calls.map(({ room }) => room));
  const looked = [...found.people.keys()].filter((room) => !taken.has(room));
  const idle = { ...kept(memory.idle, found.rooms, taken), ...counted(memory.idle, looked) };
  return {
    memory: {
      lookedAt: lookedAt(found, memory),
      uncalled,
      unserved,
      there: thereAfter(found, memory, seen, keys),
      absent: { ...absent, ...Object.fromEntries(gone.map((key) => [key, { ...absent[key]!, told: true }])) },
      idle,
      ...(memory.troubledAt === undefined ? {} : { troubledAt: memory.troubledAt }),
    },
    repairs: [
      ...callers.filter(({ sid }) => isDue(uncalled[sid])).map((caller): Repair => ({ kind: 'join', caller })),
      ...Object.keys(unserved)
        .filter((callKey) => isDue(unserved[callKey]))
        .map((callKey): Repair => ({ kind: 'unserved', callKey })),
      ...gone.map((callKey): Repair => ({ kind: 'unlisted', callKey })),
    ],
    idle: looked.filter((room) => (idle[room] ?? 0) >= idleLooks && isDue(idle[room])).slice(0, mostCleared),
    vanished,
  };
}

const keyOfCall = ({ callKey }: OpenCall): string => callKey;

const keyOf = ({ room, identity, kind, attributes }: ListedCaller): string =>
  callKeyOf(room, callerKeyOf({ identity, isSip: kind === 'sip', attributes }));

function callerIn(room: string, { sid, identity, kind, state, attributes }: ParticipantSummary): ListedCaller[] {
  const isCaller = kind === 'sip' || (kind === 'standard' && isCallersRole(attributes));
  return isCaller && state === 'active'
    ? [{ room, sid, identity, kind: kind === 'sip' ? kind : 'standard', attributes }]
    : [];
}

const hasAgent = ({ people }: Found, room: string): boolean =>
  (people.get(room) ?? []).some(({ kind }) => kind === 'agent');

const counted = (before: Counts, names: readonly string[]): Counts =>
  Object.fromEntries(names.map((name) => [name, (before[name] ?? 0) + 1]));

/** In the second look, for the first may have come before the news of it; then ever more seldom: what is not mended so is not mended by haste. */
const isDue = (looks = 0): boolean => looks >= 2 && Number.isInteger(Math.log2(looks));

/** What is listed and was not looked into now is as it was. */
const kept = (idle: Counts, rooms: readonly string[], taken: ReadonlySet<string>): Counts =>
  Object.fromEntries(
    rooms.filter((room) => !taken.has(room)).flatMap((room) => (idle[room] ? [[room, idle[room]] as const] : [])),
  );

const lookedAt = ({ rooms, people, now }: Found, memory: SweepMemory): SweepMemory['lookedAt'] =>
  Object.fromEntries(
    rooms.flatMap((room) => {
      const when = people.has(room) ? now : memory.lookedAt[room];
      return when === undefined ? [] : [[room, when] as const];
    }),
  );

/** Of calls whose rooms were not looked into now it stays as it was. */
function absences(
  { now, calls }: Found,
  memory: SweepMemory,
  seen: readonly OpenCall[],
  keys: ReadonlySet<string>,
): SweepMemory['absent'] {
  const looked = new Set(seen.map(keyOfCall));
  const absenceOf = (callKey: string): Absence | undefined => {
    const before = memory.absent[callKey];
    if (!looked.has(callKey) || before) return keys.has(callKey) ? undefined : before;
    return keys.has(callKey) ? undefined : { since: now, wasThere: memory.there[callKey] !== undefined, told: false };
  };
  return Object.fromEntries(
    calls.flatMap(({ callKey }) => {
      const absence = absenceOf(callKey);
      return absence ? [[callKey, absence] as const] : [];
    }),
  );
}

function thereAfter({ calls }: Found, { there }: SweepMemory, seen: readonly OpenCall[], keys: ReadonlySet<string>) {
  const looked = new Set(seen.map(keyOfCall));
  const isThere = (key: string) => (looked.has(key) ? keys.has(key) || there[key] : there[key]);
  return Object.fromEntries(calls.flatMap(({ callKey }) => (isThere(callKey) ? [[callKey, 1] as const] : [])));
}

/** In two looks or more. */
function hasVanished(absent: SweepMemory['absent'], { now, calls }: Found): boolean {
  const missed = Object.values(absent).filter(({ wasThere, since }) => wasThere && since < now).length;
  return missed >= leastVanished && missed > vanishedShare * calls.length;
}

/** Who comes back after an outage may take his time. */
function isLong({ since, told }: Absence, now: number, { troubledAt = -Infinity }: SweepMemory): boolean {
  const enoughMs = now - troubledAt < troubleLastsMs ? absentAfterTroubleMs : absentMs;
  return !told && now - since >= enoughMs;
}
