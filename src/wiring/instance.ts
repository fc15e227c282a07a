import { createInProcessQueue } from '../adapters/memory/call-queue.ts';
import { openSqlite } from '../adapters/sqlite/stores.ts';
import type { Probes } from '../actors/probe.ts';
import type { Agent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Route } from '../http/route.ts';
import type { Logger } from '../runtime/log.ts';
import { createCallHost } from '../runtime/call-host.ts';
import { splitCallKey } from '../runtime/call-key.ts';
import { type CallOpening, createCallWorker, type OpenedCall } from '../runtime/call-worker.ts';
import type { EgressBook, Egresses } from '../runtime/egress-book.ts';
import { createIntake, type Intake } from '../runtime/intake.ts';
import { createRoomGate } from '../runtime/room-admission.ts';
import { createRoomBook, type RoomBook } from '../runtime/own-rooms.ts';
import { tellingJoins } from '../runtime/joins.ts';
import { createLimits, limitedTransfer } from '../runtime/limits.ts';
import type { Look } from '../runtime/line-look.ts';
import { createLiveCalls, type LiveCalls } from '../runtime/live-calls.ts';
import { countedTokens } from '../runtime/metrics/counted-tokens.ts';
import { showLoad } from '../runtime/metrics/load.ts';
import { createOutbound, type Outbound } from '../runtime/outbound.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';
import type { TokenDesk } from '../runtime/token-desk.ts';
import { witnessing } from '../runtime/witness.ts';
import { agentFacts } from './agent-facts.ts';
import { tellAvoided } from './avoided.ts';
import { callMachineOf } from './call-parts.ts';
import { controlRoutes } from './control.ts';
import type { Lines } from './call-lines.ts';
import { lostCall } from '../runtime/alerting-sources.ts';
import { type Care, openCare } from './care.ts';
import { type ReadyCast, readyCast, vendorConnections } from './cast.ts';
import { egressBook } from './egresses.ts';
import { failsafeCast, failsafeHeard, isFailsafeCall } from './failsafe.ts';
import { createHosts } from './hosts.ts';
import { inspection, type Inspection } from './inspection.ts';
import { warnOfLoneEars } from './lone-ears.ts';
import { watchKeys } from './keys.ts';
import { openTogether } from './together.ts';
import { tokenDesk } from './tokens.ts';

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
export interface Instance {
  readonly intake: Intake;
  readonly calls: LiveCalls;
  readonly tokens: TokenDesk;
  /** What operators may do with LiveKit. */
  readonly control: readonly Route[];
  readonly egresses: Egresses;
  readonly outbound: Outbound;
  /** What looks after it. */
  readonly care: Care;
  /** Which rooms are ours, and what calls are in them. */
  readonly rooms: RoomBook;
  /** Whether LiveKit told this instance, lately, that a room began. */
  saw(room: string): boolean;
  /** What keeps it from taking calls, one line each; empty when ready. */
  troubles(): readonly string[];
  /** Takes no new call, lets go of the running ones and closes everything. Idempotent. */
  close(): Promise<void>;
}

const capacity = 20;

/** Opens stores and vendors, and runs the calls that the intake takes in. */
export async function openInstance(options: InstanceOptions): Promise<Instance> {
  const { config, secrets, agents, lines, clock, log } = options;
  const stores = await openSqlite({ dir: config.dataDir, clock });
  const care = await openCare(options);
  const threw = (error: unknown) =>
    log.error(
      { code: 'receiver.threw', error: String(error) },
      'what a vendor told a call was lost: its receiver threw',
    );
  const casts = await Promise.all(agents.map((agent) => readyCast(agent, config, secrets, { clock, threw })));
  warnOfLoneEars(log, agents);
  for (const cast of casts) {
    warnOfCold(log, cast.cold);
    if (cast.missingClips.length > 0)
      log.warn(
        { code: 'clips.missing', agent: cast.agent.name, count: cast.missingClips.length },
        'stored phrases could not be rendered: a chime stands for them',
      );
  }
  const stop = new AbortController();
  const queue = createInProcessQueue({ store: stores.store, clock });
  showLoad(care.metrics, { queue, capacity, clock });
  const open = await stores.store.list();
  const egresses = await egressBook(options, stores.egresses, open);
  const calls = createLiveCalls({ log: stores.log, clock, recordingOf: egresses.recordingOf });
  const keys = watchKeys(config, secrets, clock, log);
  const together = await openTogether(secrets, clock, log);
  const desk = tokenDesk(secrets.livekitKeys, lines.participants, together.register, clock, care.security.reused);
  const tokens = countedTokens(desk, care.metrics);
  const { participants } = lines;
  const places = lines.control && createRoomGate(lines.control.rooms, config.roomLimits, clock);
  const gate = { gate: care.security.callers(places) };
  const mail = createIntake({
    ...gate,
    refused: (callKey, why) => log.warn({ code: 'caller.no_place', callKey, why }, 'a caller hears that we are busy'),
    store: stores.store,
    queue,
    participants,
    egresses,
    roomPrefix: config.roomPrefix,
    clock,
  });
  const { intake, saw } = witnessing(care.security.intake(tellingJoins(mail, tokens)));
  const outbound = createOutbound({
    ...gate,
    config: config.outbound,
    agents: agents.map(({ name }) => name),
    roomPrefix: config.roomPrefix,
    dials: stores.dials,
    queue,
    log: stores.log,
    clock,
    stopping: stop.signal,
    unlisted: (callKey, error) =>
      log.warn(
        { code: 'call.unlisted', callKey, error: String(error) },
        'a call out is not in the list before it is run',
      ),
  });
  const inspecting = await inspection(config, log);
  const work = createCallWorker({
    store: stores.store,
    dials: stores.dials,
    clock,
    stopping: stop.signal,
    unwritten: (callKey, error) =>
      log.error(
        { code: 'call.end_unwritten', callKey, error: String(error) },
        'the end of a call could not be written yet',
      ),
    running: calls,
    open: (opening) => openCall(options, casts, { ...stores, egresses }, { inspecting, care }, opening),
    trouble: (callKey, error) =>
      log.error({ code: 'mail.unreadable', callKey, error: String(error) }, 'a letter to a call could not be read'),
    refused: (callKey) =>
      log.warn({ code: 'caller.second', callKey }, 'a room has a call already: its second caller gets none'),
  });
  const lost = (callKey: string, error: unknown) => {
    log.error({ code: 'call.lost', callKey, error: String(error) }, 'a call could not be run');
    care.alerts.raise(lostCall(callKey));
  };
  const running = queue.run({ capacity, signal: stop.signal, lost }, work);
  // Calls of a process that stopped or died: their callers are on the line, or are found to have gone.
  for (const { callKey } of open)
    if ((await queue.enqueue(callKey)) === 'full') lost(callKey, new Error('too many calls wait to be taken up again'));

  care.begun({
    connections: [...together.connections, ...casts.map(vendorConnections)],
    failsafe: () => failsafeHeard(casts, config.failsafeTransferTo),
  });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stop.abort();
    keys.close();
    tokens.close();
    await together.close();
    await Promise.all(calls.running().map((host) => host.abandon()));
    await running;
    await egresses.close();
    await Promise.all(casts.map((cast) => cast.close()));
    await inspecting.close();
    await care.close();
    // Whoever takes the calls up waits for the stores, and LiveKit may take its time.
    await stores.close();
    await lines.close();
  }
  return {
    intake,
    calls,
    tokens,
    control: lines.control ? controlRoutes(lines.control, config, stores.store, together.alone, clock) : [],
    egresses,
    outbound: care.security.outbound(outbound),
    care,
    rooms: createRoomBook({
      own: { prefix: config.roomPrefix, declared: config.declaredRooms },
      callsIn: stores.store.openIn,
    }),
    saw,
    troubles: () =>
      [stores.trouble()?.message, stop.signal.aborted ? 'closing' : undefined].filter((each) => each !== undefined),
    close: () => (closing ??= close()),
  };
}

function openCall(
  { config, lines, posture, clock, log }: InstanceOptions,
  casts: readonly ReadyCast[],
  stores: Pick<Awaited<ReturnType<typeof openSqlite>>, 'store' | 'log'> & { readonly egresses: EgressBook },
  { inspecting, care }: { readonly inspecting: Inspection; readonly care: Care },
  opening: CallOpening,
): OpenedCall | undefined {
  const found = castFor(casts, opening);
  if (!found) {
    log.error(
      { code: 'call.no_agent', callKey: opening.callKey },
      'a call out was for an agent that is not here: it is not made',
    );
    const data = { what: 'ended', why: 'dial failed' } as const;
    void stores.log
      .append(opening.callKey, opening.epoch, [{ at: clock.now(), kind: 'call', data }])
      .catch(() => undefined);
    return undefined;
  }
  const failsafe = isFailsafeCall(opening, posture);
  const cast = failsafe ? failsafeCast(found, config.failsafeTransferTo) : found;
  // While the line is still being joined; connections may have lapsed since the last call.
  if (!failsafe) void found.warm().then((cold) => warnOfCold(log, cold));
  const { callerKey } = splitCallKey(opening.callKey);
  const hosts = createHosts(config, posture);
  const livekitHost = opening.record ? hosts.of(opening.record.livekitHost) : hosts.now();
  const at = { room: opening.room, callerKey, epoch: opening.epoch, host: livekitHost };
  const look = (seen: Look) => care.looks.tell({ callKey: opening.callKey, ...seen });
  const opened = lines.open({ ...at, agentName: cast.agent.name, look });
  const limited = limitedTransfer(opened.transfer, createLimits(posture, clock));
  const line = failsafe ? opened : { ...opened, transfer: limited };
  const recorder = stores.egresses.recorder({ callKey: opening.callKey, room: opening.room });
  const { callKey, room, epoch } = opening;
  const call = { callKey, room, epoch, agent: cast.agent.name };
  let over = false;
  const standing = {
    intentions: { committed: (): Promise<boolean> => host.committed() },
    isOver: () => over,
  };
  const host = createCallHost({
    ...opening,
    agent: agentFacts(cast.agent),
    failsafe,
    livekitHost,
    machine: callMachineOf(cast, line, recorder, standing, clock),
    clock,
    store: stores.store,
    log: stores.log,
    inspect: inspecting.see,
    notice: (draft) => care.notices.tell({ call, draft }),
    logDropped: (entries) =>
      log.warn(
        { code: 'call.log_dropped', callKey: opening.callKey, entries },
        'the log of a call could not be kept: its transcript and journal have gaps',
      ),
    crashed: (error) =>
      log.error(
        { code: 'call.crashed', callKey: opening.callKey, error: String(error) },
        'a call stopped by an error of our own',
      ),
  });
  tellAvoided(care.posture, host, clock);
  const noteEnd = async () => {
    over = isOver(await host.ended);
    if (over) stores.egresses.callEnded(opening.callKey);
  };
  void noteEnd();
  return { host, close: () => line.close() };
}

/** Let go of here, a call may go on elsewhere. */
const isOver = (why: string): boolean => why !== 'abandoned' && why !== 'fenced';

function warnOfCold(log: Logger, failures: readonly Failure[]): void {
  for (const failure of failures)
    log.warn({ code: 'vendor.cold', failure }, 'a vendor could not be reached ahead of need');
}

/**
 * A call goes on with the agent it began with; a new one gets the agent its caller was dialled for, else the first. Nobody is
 * called by another agent than was asked for: nothing, when that one is not here.
 */
function castFor(casts: readonly ReadyCast[], { record, agent, dial }: CallOpening): ReadyCast | undefined {
  const name = (record?.context as { agent?: { name?: string } } | undefined)?.agent?.name ?? agent;
  const found = casts.find((cast) => cast.agent.name === name);
  return found ?? (dial && !record ? undefined : casts[0]);
}
