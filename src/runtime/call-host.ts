import { createActor, type InspectionEvent, type Snapshot } from 'xstate';
import type { Kept } from '../actors/keep.ts';
import type { Clock } from '../clock.ts';
import type { CallMachine } from '../machines/call/call.machine.ts';
import { callMachineVersion } from '../machines/call/call.machine.ts';
import { type AgentFacts, type CallContext, freshContext } from '../machines/call/context.ts';
import type { CallEvent } from '../machines/call/events.ts';
import type { Dial } from '../machines/call/ordered-dial.ts';
import type { CallLog, LogDraft } from './call-log.ts';
import type { CallRecord, CallStore, DatedOrder } from './call-store.ts';
import { createCallWatcher } from './call-watcher.ts';
import { createKeeper } from './keeper.ts';
import { createLogWriter } from './log-writer.ts';
import { pause } from './pause.ts';
import { rearm, restoredSnapshot, restorable, timersOf } from './restore.ts';
import { putThrough, standBetweenTurns, type Turnstile } from './hand-over.ts';
import { upgraded } from './upgrade.ts';

export interface CallHostOptions {
  readonly callKey: string;
  readonly room: string;
  readonly epoch: number;
  readonly livekitHost: string;
  readonly agent: AgentFacts;
  readonly machine: CallMachine;
  readonly clock: Clock;
  readonly store: CallStore;
  readonly log: CallLog;
  /** What an earlier owner saved; the call goes on from there. */
  readonly record?: CallRecord;
  /** Taken up only to say that it is sorry, and to hang up. */
  readonly givesUp?: boolean;
  /** Whom to call; left out: they call us. */
  readonly dial?: DatedOrder;
  /** A call that begins hears stored phrases alone, and is put through to a person. */
  readonly failsafe?: boolean;
  /** The caller's number, for the list of calls. */
  readonly phone?: string;
  /** Sees every inspection event of the call; must not throw. */
  readonly inspect?: ((event: InspectionEvent) => void) | undefined;
  /** Sees every entry of the call's log as it is made; must not throw. */
  readonly notice?: (draft: LogDraft) => void;
  /** Position of the last letter the call has taken in. */
  readonly mailCursor?: () => number;
  /** Told how many entries of the log could not be kept so far; the call goes on without them. */
  readonly logDropped?: (entries: number) => void;
  /** Told when it has been handed over, between two turns or not, and is about to be let go of: its next owner may come at any moment. */
  readonly handedOver?: () => void;
  /** Told of an error that stopped the machine. */
  readonly crashed?: (error: unknown) => void;
}

/** A running call. */
export interface CallHost {
  readonly callKey: string;
  readonly epoch: number;
  send(event: CallEvent): void;
  /** Whether the event would do anything as the call stands now. */
  can(event: CallEvent): boolean;
  /** State value of the call's machine now. */
  value(): unknown;
  context(): CallContext;
  /** Everything reported so far is in the store; false when the store refused it. */
  committed(): Promise<boolean>;
  /** Resolves once, when the call is over and all about it is written, with why. While the store is away its log is still owed. */
  readonly ended: Promise<string>;
  /** Stops the call here without ending it: the caller stays in the room, another owner may go on. */
  abandon(): Promise<void>;
  /**
   * Abandons the call between two turns, in a state from which the next owner goes on without a word. After `withinMs` it is
   * abandoned wherever it stands, once nobody is being put through. Resolves when it is, or has ended.
   * `turn`: among others that are handed over, too.
   */
  handOver(withinMs: number, turn?: Turnstile): Promise<void>;
  /** After `ended`: what could not be written by now is tried once more, and then given up. */
  letGo(): Promise<void>;
}

const commitEveryMs = 100;
/** What changes meanwhile is tried at once: the newest state is all that a store that was away is owed. */
const retryMs = [200, 500, 1000, 2000];

/** Runs one call: starts or restores its machine, and beside the voice path saves it and writes its log. */
export function createCallHost(options: CallHostOptions): CallHost {
  const { callKey, epoch, clock, store } = options;
  const log = createLogWriter({ log: options.log, callKey, epoch, clock, dropped: options.logDropped });
  const watcher = createCallWatcher({ clock, add: (...drafts) => void (sealed || note(...drafts)) });
  const mayEnd = Promise.withResolvers<string>();
  let seq = options.record?.seq ?? 0;
  let fenced = false;
  let over = false;
  let sealed = false;

  const { room, agent } = options;
  const input = {
    callKey,
    room,
    epoch,
    agent,
    dial: dialOf(options.dial),
    now: clock.now(),
    ...(options.failsafe && { failsafe: true }),
  };
  const from = options.record && upgraded(options.machine, options.record, freshContext(input), clock.now());
  const actor = createActor(options.machine, {
    clock,
    input,
    ...(from ? { snapshot: restoredSnapshot(options.machine, from) as Snapshot<unknown> } : {}),
    inspect: (event) => {
      watcher.see(event);
      options.inspect?.(event);
    },
  });

  function note(...drafts: LogDraft[]): void {
    log.add(...drafts);
    if (options.notice) drafts.forEach(options.notice);
  }
  const saving = createKeeper({ write: save, clock, spacedMs: commitEveryMs, retryMs });
  async function save(): Promise<Kept> {
    if (fenced) return 'over';
    if (actor.getSnapshot().status !== 'active') return 'kept';
    seq += 1;
    const result = await store.commit(recordOf()).catch(() => 'failed' as const);
    if (result === 'fenced') stopFenced();
    return result === 'committed' ? 'kept' : result === 'fenced' ? 'over' : 'failed';
  }
  function recordOf(): CallRecord {
    const { value, context } = restorable(actor.getSnapshot());
    return {
      callKey,
      machine: 'call',
      version: String(callMachineVersion),
      seq,
      epoch,
      livekitHost: options.livekitHost,
      room: options.room,
      savedAt: clock.now(),
      value,
      context,
      timers: timersOf(actor, watcher.dueAt),
      mailCursor: options.mailCursor?.() ?? 0,
    };
  }
  function stopFenced(): void {
    fenced = true;
    actor.stop();
    finish('fenced');
  }
  /**
   * The end is the last entry of the log: the step that ended the call is still to be noted, what comes later is not. For whoever
   * is fenced only his own part ends, and that is told, not written: the newer owner may not have written yet.
   */
  function finish(why: string): void {
    if (over) return;
    over = true;
    queueMicrotask(() => {
      sealed = true;
      const end = { at: clock.now(), kind: 'call', data: { what: 'ended', why } } as const;
      if (why === 'fenced') options.notice?.(end);
      else note(end);
      void log.flush().then(() => mayEnd.resolve(why));
    });
  }

  actor.subscribe({
    next: (snapshot) => {
      watcher.changed(snapshot.context);
      saving.ask();
    },
    error: (error) => {
      options.crashed?.(error);
      finish('crashed');
    },
    // Stopping it completes it too: that ends our part, not the call.
    complete: () => {
      const { status, output } = actor.getSnapshot();
      if (status === 'done') finish(output?.why ?? 'ended');
    },
  });
  const saved = (): Promise<boolean> => {
    saving.ask();
    return saving.done();
  };
  async function leave(): Promise<void> {
    if (over) return;
    over = true;
    actor.stop();
    await log.flush();
    mayEnd.resolve('abandoned');
  }

  note(milestone(options, clock.now()));
  actor.start();
  if (from) {
    rearm(actor, from.timers, clock.now());
    actor.send({ type: 'call.restored', epoch, at: clock.now() });
    if (options.givesUp) actor.send({ type: 'call.give_up', at: clock.now() });
  }
  saving.ask();

  return {
    callKey,
    epoch,
    send: (event) => void (over || actor.send(event)),
    can: (event) => !over && actor.getSnapshot().can(event),
    value: () => actor.getSnapshot().value,
    context: () => actor.getSnapshot().context,
    committed: saved,
    ended: mayEnd.promise,
    async abandon() {
      await saved();
      await leave();
    },
    async handOver(withinMs, turn = () => Promise.resolve()) {
      const waiting = new AbortController();
      const { signal } = waiting;
      const standing = standBetweenTurns({ actor, clock, signal, saved, turn });
      const cut = pause(clock, withinMs, signal).then(() => putThrough({ actor, signal }));
      await Promise.race([standing, cut, mayEnd.promise]);
      waiting.abort();
      // Saved as it is to be taken up; what comes in this moment is the next owner's.
      if (!actor.getSnapshot().hasTag('handedOver')) await saved();
      if (!over) options.handedOver?.();
      await leave();
    },
    async letGo() {
      saving.stop();
      await log.close();
    },
  };
}

const dialOf = (order: DatedOrder | undefined): Dial | undefined => {
  if (order === undefined) return undefined;
  const { room: _room, agent: _agent, ...dial } = order;
  return dial;
};

const milestone = ({ record, epoch, room, agent, phone }: CallHostOptions, at: number) =>
  record
    ? { at, kind: 'call' as const, data: { what: 'restored' as const, epoch } }
    : {
        at,
        kind: 'call' as const,
        data: { what: 'started' as const, room, agent: agent.name },
        ...(phone ? { pii: { phone } } : {}),
      };
