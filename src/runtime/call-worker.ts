import type { CallContext } from '../machines/call/context.ts';
import { delaysMs } from '../machines/deadlines.ts';
import { endCall, type EndingOptions, endsAfter } from './call-end.ts';
import type { CallHost } from './call-host.ts';
import { crashesUntil } from './poison.ts';
import type { Claim } from './call-queue.ts';
import type { CallRecord, CallStore, DatedOrder, Mail } from './call-store.ts';
import { type Standing, standingOf } from './standing.ts';

/** What a worker is given to begin or go on with a call. */
export interface CallOpening {
  readonly callKey: string;
  readonly room: string;
  readonly epoch: number;
  readonly confirmedAt: Claim['confirmedAt'];
  readonly record?: CallRecord;
  /** It took its process with it too often: it is to say that it is sorry, and to hang up. */
  readonly givesUp?: boolean;
  /** Position of the last letter taken in. */
  readonly mailCursor: () => number;
  /** The agent that the caller was put through to, by name, where the leg says so. */
  readonly agent?: string;
  /** The caller's number. */
  readonly phone?: string;
  /** Whom to call; left out: they call us. */
  readonly dial?: DatedOrder;
}

/** A call that was opened, with what must be let go when it is over here. */
export interface OpenedCall {
  readonly host: CallHost;
  /** Begun at once when it is over; waited for only where the call has ended. */
  close(): Promise<void>;
}

export interface CallWorkerOptions extends EndingOptions {
  readonly store: CallStore;
  /** Nothing: nobody here can run it, and it ends. */
  readonly open: (opening: CallOpening) => OpenedCall | undefined;
  /** Told of every host that runs, and when it runs no more. */
  readonly running: { add(host: CallHost): void; remove(host: CallHost): void };
  /** A call that takes every process with it is over: its caller is hung up on. Never rejects. */
  readonly giveUp: (call: Pick<CallOpening, 'callKey' | 'room' | 'epoch' | 'record'>) => Promise<void>;
  /** A letter could not be read: the call goes on without it. */
  readonly trouble: (callKey: string, error: unknown) => void;
  /** Somebody came into a room in which a call is going on already: one agent and one caller a room. */
  readonly refused?: (callKey: string) => void;
  /**
   * Asked before a call ends only because of what was told: false when LiveKit does not have its caller in the room. Never
   * rejects. Left out: what was told is believed.
   */
  readonly mayBeThere?: (callKey: string) => Promise<boolean>;
}

/** Runs claimed calls: reads what the door has learned, starts or restores the host, and passes on what comes later. */
export function createCallWorker(options: CallWorkerOptions): (claim: Claim) => Promise<void> {
  return async (claim) => {
    const record = await options.store.load(claim.callKey);
    const mail = await options.store.mail(claim.callKey, record?.mailCursor ?? 0);
    const before = record?.context as CallContext | undefined;
    const standing = standingOf(mail);
    const talkedMs = before && talkedMsOf(before, record?.savedAt ?? 0);
    if (record && (await hasEnded(options, record))) return endCall(options, claim, { talkedMs });
    if (isGone(standing, before) && !(await isBack(options, claim.callKey, standing))) {
      const why = standing.roomFinished ? 'room closed' : 'caller hung up';
      const since = record?.savedAt ?? mail[0]?.event.at ?? 0;
      return endCall(options, claim, { talkedMs, unseen: { why, since } });
    }
    const { room, caller, order } = standing;
    const { callKey, epoch, crashes } = claim;
    const calledIn = record?.room ?? room ?? '';
    if (crashes >= crashesUntil.end) {
      await options.giveUp({ callKey, epoch, room: calledIn, ...(record && { record }) });
      return endCall(options, claim, { talkedMs: talkedMs ?? (order && 0) });
    }
    await runCall(options, claim, {
      room: calledIn,
      ...(crashes >= crashesUntil.apology && { givesUp: true }),
      mailAt: mail.at(-1)?.position ?? record?.mailCursor ?? 0,
      ...(record ? { record } : {}),
      ...(order ? { dial: order, agent: order.agent, phone: order.to } : {}),
      ...(caller?.agent ? { agent: caller.agent } : {}),
      ...(caller?.phone ? { phone: caller.phone } : {}),
    });
  };
}

/** Its owner died after it had written the end, and before the store knew of it. */
const hasEnded = ({ log }: CallWorkerOptions, { callKey, savedAt }: CallRecord): Promise<boolean> =>
  log.summary(callKey).then(
    (summary) => summary !== undefined && endsAfter(summary, savedAt),
    // It goes on until somebody can say that it does not.
    () => false,
  );

/** Of a call that somebody ran before, only its line finds out whether the caller comes back: he has 30 s for it. */
const isGone = ({ isThere, roomFinished, order }: Standing, before: CallContext | undefined): boolean =>
  before ? roomFinished : !order && !isThere;

/** Who reconnects looks like one who hung up: he comes within a second, and what tells of it may come much later. */
async function isBack(options: CallWorkerOptions, callKey: string, { leftAt }: Standing): Promise<boolean> {
  const { clock, mayBeThere } = options;
  if (!mayBeThere) return false;
  return clock.now() - leftAt < delaysMs.callerGrace || mayBeThere(callKey);
}

/**
 * Whether a call was open in this room before, whoever runs it: a second agent would talk into it, and put its caller out of the room as
 * a stranger. Of two callers who come at once, to whatever instance, one is served.
 */
async function isTaken(store: CallWorkerOptions['store'], callKey: string, room: string): Promise<boolean> {
  const [first = callKey] = await store.openIn(room);
  return first !== callKey;
}

async function runCall(
  options: CallWorkerOptions,
  claim: Claim,
  {
    mailAt,
    ...begin
  }: {
    readonly room: string;
    readonly mailAt: number;
    readonly record?: CallRecord;
    readonly givesUp?: boolean;
    readonly agent?: string;
    readonly phone?: string;
    readonly dial?: DatedOrder;
  },
): Promise<void> {
  const { store, clock, open, running, trouble, refused } = options;
  const { callKey, epoch, signal } = claim;
  const nothing = { talkedMs: begin.dial && 0 };
  const hasPlace = begin.record || !(await isTaken(store, callKey, begin.room));
  // Who lets go of the calls that run would not find one that begins after that.
  if (signal.aborted || options.stopping.aborted) return putBack(options, claim);
  if (!hasPlace) {
    refused?.(callKey);
    return endCall(options, claim, nothing);
  }
  let cursor = mailAt;
  const openedAt = clock.now();
  const call = open({ callKey, epoch, confirmedAt: claim.confirmedAt, mailCursor: () => cursor, ...begin });
  if (!call) return endCall(options, claim, nothing);
  const { host } = call;
  const readMail = async () => {
    const letters = await store.mail(callKey, cursor);
    for (const letter of letters) {
      if (letter.position <= cursor) continue;
      cursor = letter.position;
      deliver(host, letter, clock.now());
    }
  };
  const look = () => void readMail().catch((error: unknown) => trouble(callKey, error));
  const unwatch = store.watchMail(callKey, look);
  // Nobody was woken for what came while it was being opened.
  look();
  const abandon = () => void host.abandon();
  signal.addEventListener('abort', abandon);
  running.add(host);
  const why = await host.ended;
  running.remove(host);
  signal.removeEventListener('abort', abandon);
  unwatch();
  const closed = call.close();
  if (why === 'abandoned') return letGo(options, claim, host);
  await closed;
  if (why === 'fenced') return host.letGo();
  const context = host.context();
  const talkedMs = talkedMsOf(context, lastTalk(context, begin.record, openedAt) ?? clock.now());
  await endCall(options, claim, { talkedMs });
  await host.letGo();
}

/** The next owner does not wait for ours to have left the room: it puts out whoever is still there. */
async function letGo(options: CallWorkerOptions, claim: Claim, host: CallHost): Promise<void> {
  await host.letGo();
  await putBack(options, claim);
}

/** It waits for its next owner, unless it has one. */
async function putBack({ store }: CallWorkerOptions, { callKey, epoch, signal, handOver }: Claim): Promise<void> {
  if (signal.aborted) return;
  await store.release(callKey, epoch).catch(() => undefined);
  handOver();
}

/** Of a call that was taken up again and whose caller was not found any more: the time that nobody ran it is no talk. */
function lastTalk({ seenAt = 0 }: CallContext, record: CallRecord | undefined, openedAt: number): number | undefined {
  return seenAt < openedAt ? record?.savedAt : undefined;
}

/** What a call out has cost; nothing is told of others. LiveKit lets none go on for much longer than it may. */
function talkedMsOf({ dial, agent }: CallContext, endedAt: number): number | undefined {
  if (!dial) return undefined;
  const { answeredAt = endedAt } = dial;
  return Math.min(Math.max(0, endedAt - answeredAt), agent.maxCallMs);
}

function deliver(host: CallHost, { event }: Mail, at: number): void {
  const { fact } = event;
  if (fact.type === 'door.caller_left') host.send({ type: 'call.caller_gone', sid: fact.sid, reason: fact.reason, at });
  if (fact.type === 'door.room_finished') host.send({ type: 'call.room_gone', at });
  if (fact.type === 'door.caller_unlisted') host.send({ type: 'call.caller_unlisted', sid: fact.sid, at });
}
