import type { InspectionEvent } from 'xstate';
import { type CallHost, createCallHost } from '../runtime/call-host.ts';
import { intentionsOf } from '../runtime/call-queue.ts';
import { splitCallKey } from '../runtime/call-key.ts';
import type { CallOpening, OpenedCall } from '../runtime/call-worker.ts';
import { createLimits, limitedTransfer } from '../runtime/limits.ts';
import type { Look } from '../runtime/line-look.ts';
import { agentFacts } from './agent-facts.ts';
import { tellAvoided } from './avoided.ts';
import { type Cast, callMachineOf, type Line } from './call-parts.ts';
import type { ReadyCast } from './cast.ts';
import { warnOfCold } from './cold.ts';
import { failsafeCast, isFailsafeCall } from './failsafe.ts';
import type { Hosts } from './hosts.ts';
import type { RunnerOptions } from './runner.ts';

interface CallsParts extends RunnerOptions {
  readonly casts: readonly ReadyCast[];
  readonly hosts: Hosts;
  readonly inspect: ((event: InspectionEvent) => void) | undefined;
}

/** Who talks in a call, and where. */
interface Setting {
  readonly cast: Cast;
  readonly failsafe: boolean;
  readonly livekitHost: string;
}

/** Opens a call with the agent it is for. Nothing when that one is not here: then it is noted that it was not made. */
export function openCall(parts: CallsParts, opening: CallOpening): OpenedCall | undefined {
  const found = castFor(parts.casts, opening);
  if (!found) return void noteNoAgent(parts, opening);
  const setting = settingOf(parts, opening, found);
  const line = openLine(parts, opening, setting);
  const host = openHost(parts, opening, setting, line);
  tellAvoided(parts.posture, host, parts.clock);
  return { host, close: () => line.close() };
}

/** Ends a call for its caller without running it. */
export async function giveUpCall(
  { casts, lines, hosts, stores, told, clock, log }: CallsParts,
  { callKey, room, epoch, record }: Pick<CallOpening, 'callKey' | 'room' | 'epoch' | 'record'>,
): Promise<void> {
  const agent = casts[0]?.agent.name ?? '';
  const { callerKey } = splitCallKey(callKey);
  const host = hostOf(hosts, record);
  const line = lines.open({ room, callerKey, epoch, host, agentName: agent, look: () => undefined });
  const failure = await line.room.hangUp();
  if (failure) log.error({ code: 'call.not_hung_up', callKey, failure }, 'a caller could not be hung up on');
  await line.close();
  const draft = { at: clock.now(), kind: 'call', data: { what: 'ended', why: 'crashed too often' } } as const;
  told.notices.tell({ call: { callKey, room, epoch, agent }, draft });
  await stores.log.append(callKey, epoch, [draft]).catch(() => undefined);
}

function noteNoAgent({ stores, clock, log }: CallsParts, { callKey, epoch }: CallOpening): void {
  log.error({ code: 'call.no_agent', callKey }, 'a call out was for an agent that is not here: it is not made');
  const data = { what: 'ended', why: 'dial failed' } as const;
  void stores.log.append(callKey, epoch, [{ at: clock.now(), kind: 'call', data }]).catch(() => undefined);
}

/** A call stays at the LiveKit that it began at. */
const hostOf = (hosts: Hosts, record: CallOpening['record']): string =>
  record ? hosts.of(record.livekitHost) : hosts.now();

function settingOf({ config, posture, hosts, log }: CallsParts, opening: CallOpening, found: ReadyCast): Setting {
  const failsafe = isFailsafeCall(opening, posture);
  // While the line is still being joined; connections may have lapsed since the last call.
  if (!failsafe) void found.warm().then((cold) => warnOfCold(log, cold));
  return {
    cast: failsafe ? failsafeCast(found, config.failsafeTransferTo) : found,
    failsafe,
    livekitHost: hostOf(hosts, opening.record),
  };
}

function openLine(
  { lines, told, posture, clock }: CallsParts,
  { callKey, room, epoch }: CallOpening,
  { cast, failsafe, livekitHost }: Setting,
): Line {
  const { callerKey } = splitCallKey(callKey);
  const look = (seen: Look) => told.looks.tell({ callKey, ...seen });
  const opened = lines.open({ room, callerKey, epoch, host: livekitHost, agentName: cast.agent.name, look });
  const transfer = limitedTransfer(opened.transfer, createLimits(posture, clock));
  return failsafe ? opened : { ...opened, transfer };
}

function openHost(parts: CallsParts, opening: CallOpening, { cast, ...setting }: Setting, line: Line): CallHost {
  const { stores, egresses, told, clock, inspect } = parts;
  const { callKey, room, epoch } = opening;
  const call = { callKey, room, epoch, agent: cast.agent.name };
  let over = false;
  const standing = {
    intentions: intentionsOf(opening, (): Promise<boolean> => host.committed(), clock),
    isOver: () => over,
  };
  const host = createCallHost({
    ...opening,
    ...setting,
    agent: agentFacts(cast.agent),
    machine: callMachineOf(cast, line, egresses.recorder({ callKey, room }), standing, clock),
    clock,
    store: stores.store,
    log: stores.log,
    inspect,
    handedOver: () => line.awaitNext?.(),
    notice: (draft) => told.notices.tell({ call, draft }),
    ...troubles(parts, callKey),
  });
  const noteEnd = async () => {
    over = isOver(await host.ended);
    if (over) egresses.callEnded(callKey);
  };
  void noteEnd();
  return host;
}

const troubles = ({ log }: CallsParts, callKey: string) => ({
  logDropped: (entries: number) =>
    log.warn(
      { code: 'call.log_dropped', callKey, entries },
      'the log of a call could not be kept: its transcript and journal have gaps',
    ),
  crashed: (error: unknown) =>
    log.error({ code: 'call.crashed', callKey, error: String(error) }, 'a call stopped by an error of our own'),
});

/** Let go of here, a call may go on elsewhere. */
const isOver = (why: string): boolean => why !== 'abandoned' && why !== 'fenced';

/**
 * A call goes on with the agent it began with; a new one gets the agent its caller was dialled for, else the first. Nobody is
 * called by another agent than was asked for: nothing, when that one is not here.
 */
function castFor(casts: readonly ReadyCast[], { record, agent, dial }: CallOpening): ReadyCast | undefined {
  const name = (record?.context as { agent?: { name?: string } } | undefined)?.agent?.name ?? agent;
  const found = casts.find((cast) => cast.agent.name === name);
  return found ?? (dial && !record ? undefined : casts[0]);
}
