import { pid } from 'node:process';
import type { Probes } from '../actors/probe.ts';
import type { Agent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { Route } from '../http/route.ts';
import { lostCall } from '../runtime/alerting-sources.ts';
import type { CallQueue } from '../runtime/call-queue.ts';
import type { OpenCall } from '../runtime/call-store.ts';
import type { Egresses } from '../runtime/egress-book.ts';
import { createLiveCalls, type LiveCalls } from '../runtime/live-calls.ts';
import type { Logger } from '../runtime/log.ts';
import { showLoad } from '../runtime/metrics/load.ts';
import { createRoomBook, type RoomBook } from '../runtime/own-rooms.ts';
import { pause } from '../runtime/pause.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';
import { createRoomCensus } from '../runtime/room-census.ts';
import type { TokenDesk } from '../runtime/token-desk.ts';
import { claimsToRefuse, openAdmission, openCpuShare } from './admission.ts';
import type { Lines } from './call-lines.ts';
import { type Care, openCare } from './care.ts';
import { controlRoutes } from './control.ts';
import { egressBook } from './egresses.ts';
import { type Front, openFront } from './front.ts';
import { warnOfLoneEars } from './lone-ears.ts';
import { openReconciler } from './reconciler.ts';
import { openRunner } from './runner.ts';
import { openQueue, openStores } from './stores.ts';
import { openTokens } from './tokens.ts';
import { openWorkers } from './workers.ts';

export interface InstanceOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly agents: readonly Agent[];
  readonly lines: Lines;
  /** How what it depends on is looked at, and closed with it. Left out: it is not. */
  readonly probes?: Probes;
  readonly posture: PostureBoard;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One running instance, without its doors. */
export interface Instance extends Front {
  readonly calls: LiveCalls;
  readonly tokens: TokenDesk;
  /** What operators may do with LiveKit. */
  readonly control: readonly Route[];
  readonly egresses: Egresses;
  /** What looks after it. */
  readonly care: Care;
  /** Which rooms are ours, and what calls are in them. */
  readonly rooms: RoomBook;
  /** What keeps it from taking calls, one line each; empty when ready. */
  troubles(): readonly string[];
  /**
   * Claims no call any more and hands over those that run, between two of their turns; what LiveKit tells is taken all the same, at
   * least for `drainMs`. Nothing where no other instance could go on with them.
   */
  drain(): Promise<void>;
  /** Takes no new call, lets go of the running ones and closes everything. Idempotent. */
  close(): Promise<void>;
}

/** Calls that this process takes when it runs them itself. */
const ownCapacity = 20;

/** Opens stores and vendors, and runs the calls that the intake takes in. */
export async function openInstance(options: InstanceOptions): Promise<Instance> {
  const { config, lines, clock } = options;
  const stores = await openStores(options);
  const care = await openCare(options);
  warnOfLoneEars(options.log, options.agents);
  const stop = new AbortController();
  const claims = new AbortController();
  const queue = await openQueue(options, stores.store);
  const open = await stores.store.list();
  const access = await openTokens(options, care);
  const egresses = await egressBook(options, { store: stores.egresses, calls: stores.store, alone: access.alone });
  const cpu = openCpuShare(clock);
  const workers = openWorkers(options, { egresses, care, cpu });
  const capacity = workers?.capacity ?? ownCapacity;
  showLoad(care.metrics, { queue, capacity, clock });
  const { recordingOf } = egresses;
  const calls = createLiveCalls({ log: stores.log, clock, recordingOf, pid, ...(workers && { remote: workers.pool }) });
  const shared = { stores, egresses, care, stopping: stop.signal };
  const runner = workers ?? (await openRunner({ ...options, ...shared, told: care, running: calls }));
  const census = createRoomCensus(clock);
  const front = openFront(options, { ...shared, queue, tokens: access.tokens, census });
  const lost = tellingLost(options, care);
  const admission = openAdmission(options, { store: stores.store, care, cpu, capacity, run: runner.run });
  const claimed = { capacity: capacity + claimsToRefuse, signal: claims.signal, lost };
  const running = queue.run(claimed, admission.run);
  await takeUp(open, queue, lost);
  const { store } = stores;
  const reconciler = openReconciler(options, { care, store, queue, census, alone: access.alone, intake: front.intake });

  care.begun({
    connections: [...stores.connections, ...access.connections, ...runner.connections],
    failsafe: runner.failsafeHeard,
  });
  let closing: Promise<void> | undefined;
  async function drain(): Promise<void> {
    if (options.secrets.redisUrl === undefined) return;
    claims.abort();
    await Promise.all([runner.handOver(), pause(clock, config.drainMs, stop.signal)]);
  }
  async function close(): Promise<void> {
    claims.abort();
    stop.abort();
    reconciler.close();
    await access.close();
    await runner.letGo();
    await running;
    await egresses.close();
    await runner.close();
    await care.close();
    await queue.close();
    // Whoever takes the calls up waits for the stores, and LiveKit may take its time.
    await stores.close();
    await lines.close();
  }
  return {
    ...front,
    calls,
    tokens: access.tokens,
    control: lines.control
      ? controlRoutes(lines.control, config, { store: stores.store, alone: access.alone, census }, clock)
      : [],
    egresses,
    care,
    rooms: createRoomBook({
      own: { prefix: config.roomPrefix, declared: config.declaredRooms },
      callsIn: stores.store.openIn,
    }),
    troubles: () =>
      [stores.trouble()?.message, claims.signal.aborted ? 'closing' : undefined].filter((each) => each !== undefined),
    drain,
    close: () => (closing ??= close()),
  };
}

type Lost = (callKey: string, error: unknown) => void;

const tellingLost =
  ({ log }: InstanceOptions, { alerts }: Care): Lost =>
  (callKey, error) => {
    log.error({ code: 'call.lost', callKey, error: String(error) }, 'a call could not be run');
    alerts.raise(lostCall(callKey));
  };

/** Calls of a process that stopped or died: their callers are on the line, or are found to have gone. */
async function takeUp(open: readonly OpenCall[], queue: CallQueue, lost: Lost): Promise<void> {
  for (const { callKey } of open)
    if ((await queue.enqueue(callKey)) === 'full') lost(callKey, new Error('too many calls wait to be taken up again'));
}
