import type { ListedCaller, Reconciliation, Repair, SweepMemory } from '../actors/reconcile.ts';
import { blankMemory } from '../actors/reconcile.ts';
import type { Clock } from '../clock.ts';
import type { CallContext } from '../machines/call/context.ts';
import type { Alone } from './alone.ts';
import type { CallQueue } from './call-queue.ts';
import { type CallStore, StoreUnavailable } from './call-store.ts';
import { ControlError } from './control-error.ts';
import type { Intake } from './intake.ts';
import { compare, roomsToLookInto } from './reconciler-compare.ts';
import type { RoomCensus } from './room-census.ts';
import type { ParticipantSummary, Rooms } from './rooms.ts';
import { standingOf } from './standing.ts';

/** What was put right, for counters. */
export const repairKinds = ['join', 'unserved', 'unlisted', 'ghost'] as const;

export type RepairKind = (typeof repairKinds)[number];

export interface ReconcilerWork {
  readonly rooms: Pick<Rooms, 'list' | 'participants' | 'send' | 'create' | 'delete'>;
  readonly census: RoomCensus;
  readonly store: Pick<CallStore, 'list' | 'openIn' | 'load' | 'mail' | 'ingest'>;
  readonly queue: Pick<CallQueue, 'enqueue'>;
  readonly intake: Intake;
  readonly alone: Pick<Alone, 'leads'>;
  /** Begins the names of rooms of ours. */
  readonly roomPrefix: string;
  /** Whether the rooms of a call of this LiveKit are those that are listed. */
  readonly isAskedHere: (livekitHost: string) => boolean;
  /** The LiveKit whose rooms are listed. */
  readonly hostNow: () => string;
  readonly clock: Pick<Clock, 'now'>;
  /** Told of each thing that was put right: what it was about. */
  readonly repaired: (kind: RepairKind, about: string) => void;
  /** Told of each look, and whether LiveKit and the store answered. */
  readonly looked: (answered: boolean) => void;
}

/** Longer than two looks and the rest between them. */
const leadMs = 8000;

/** What LiveKit says is the truth about who is in the room; what our stores say, about which calls there are. */
export function createReconciliation(work: ReconcilerWork): Reconciliation {
  const { rooms, census, store, alone, roomPrefix, clock, looked } = work;

  let lookedAt = work.hostNow();

  /** What another LiveKit had in its rooms says nothing of those of this one. */
  function remembered(memory: SweepMemory): SweepMemory {
    const before = lookedAt;
    lookedAt = work.hostNow();
    return lookedAt === before ? memory : blankMemory;
  }

  async function look(before: SweepMemory) {
    const memory = remembered(before);
    // Before LiveKit is asked: a call that begins meanwhile is not missed in what it says.
    const calls = await store.list();
    const listed = await rooms.list();
    census.see(listed);
    if (!(await alone.leads('reconciler', leadMs)))
      return { memory: blankMemory, repairs: [], idle: [], vanished: false };
    const own = listed.map(({ name }) => name).filter((name) => name.startsWith(roomPrefix));
    const people = await peopleIn(rooms, roomsToLookInto(own, calls, memory));
    return compare({ now: clock.now(), rooms: own, people, calls }, memory);
  }

  return {
    look: async (memory) => {
      const looking = look(memory);
      void looking.then(
        () => looked(true),
        () => looked(false),
      );
      return looking;
    },
    repair: (repair) => repairOne(work, repair),
    clear: (room) => clear(work, room),
  };
}

/** A room that gives no answer is left out: that is no empty room. */
async function peopleIn(
  rooms: ReconcilerWork['rooms'],
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly ParticipantSummary[]>> {
  const asked = names.map(async (name) => [name, await rooms.participants(name)] as const);
  const answers = await Promise.allSettled(asked);
  return new Map(answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
}

async function repairOne(work: ReconcilerWork, repair: Repair): Promise<void> {
  const { intake, queue, repaired } = work;
  if (repair.kind === 'join') {
    const outcome = await intake.receive(joinedBy(repair.caller));
    if (outcome === 'full') throw tooMany();
    return outcome === 'stored' ? repaired('join', repair.caller.room) : undefined;
  }
  const { kind, callKey } = repair;
  if (kind === 'unlisted') return tellUnlisted(work, callKey);
  return (await enqueued(queue, callKey)) === 'queued' ? repaired('unserved', callKey) : undefined;
}

const tooMany = () => new StoreUnavailable('full', 'too many calls wait');

async function enqueued(queue: ReconcilerWork['queue'], callKey: string): Promise<'queued' | 'known'> {
  const outcome = await queue.enqueue(callKey);
  if (outcome === 'full') throw tooMany();
  return outcome;
}

/** As the webhook would have told it, so that a late one is a duplicate. */
const joinedBy = ({ room, sid, identity, kind, attributes }: ListedCaller) => ({
  event: 'participant_joined' as const,
  id: `listed:${sid}`,
  room: { name: room },
  participant: { sid, identity, attributes, ...(kind === 'sip' ? { kind: 'SIP' } : {}) },
});

/** Who runs the call decides what to make of it; where nobody does, somebody is asked to. */
async function tellUnlisted({ store, queue, isAskedHere, clock, repaired }: ReconcilerWork, callKey: string) {
  const record = await store.load(callKey);
  if (record && !isAskedHere(record.livekitHost)) return;
  const mail = await store.mail(callKey, record?.mailCursor ?? 0);
  const { caller } = standingOf(mail, (record?.context as CallContext | undefined)?.caller);
  if (!caller) return;
  const fact = { type: 'door.caller_unlisted', sid: caller.sid } as const;
  const outcome = await store.ingest({ id: `unlisted:${caller.sid}`, callKey, at: clock.now(), fact });
  if (outcome === 'stored') repaired('unlisted', callKey);
  await enqueued(queue, callKey);
}

/** A room that is one takes data for this name, and nobody gets it. */
const nobody = 'voicechart-nobody';

/**
 * A server that crashed leaves its rooms in Redis: they are listed for good, and nothing can be done with them until they are
 * made anew, which takes them over to a server that lives. A server that is only slow to answer says the same: two looks have to find it.
 */
async function clear({ rooms, census, store, repaired }: ReconcilerWork, room: string): Promise<void> {
  const answered = await rooms.send(room, { bytes: new Uint8Array(1), to: [nobody] }).then(
    () => true,
    (error: unknown) => !(error instanceof ControlError && error.failure.vendorCode === 'unavailable'),
  );
  const isUsed = async (): Promise<boolean> => (await store.openIn(room)).length > 0;
  census.asked(room, answered || (await isUsed()));
  if (!census.isGhost(room)) return;
  await rooms.create({ name: room, emptyTimeoutMs: 1000, departureTimeoutMs: 1000, maxParticipants: 0, metadata: '' });
  if (await isUsed()) return census.asked(room, true);
  await rooms.delete(room);
  repaired('ghost', room);
}
