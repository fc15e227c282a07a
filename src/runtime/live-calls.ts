import type { Clock } from '../clock.ts';
import type { CallEvent } from '../machines/call/events.ts';
import type { CallHost } from './call-host.ts';
import type { CallLog } from './call-log.ts';
import type { CallCommand, CallOwner, Calls, CommandOutcome } from './calls.ts';
import type { EgressBook } from './egress-book.ts';
import { followLog } from './follow-log.ts';

/** The calls of this instance as the door sees them, and the set of hosts that run here. */
export interface LiveCalls extends Calls {
  add(host: CallHost): void;
  remove(host: CallHost): void;
  running(): readonly CallHost[];
}

/** Calls that other processes run for this instance. */
export interface RemoteCalls {
  ownerOf(callKey: string): CallOwner | undefined;
  /** State value; nothing when its process does not answer. */
  valueOf(callKey: string): Promise<unknown>;
  command(callKey: string, command: CallCommand): Promise<CommandOutcome | undefined>;
}

interface LiveCallsOptions {
  readonly log: CallLog;
  readonly clock: Clock;
  readonly recordingOf?: EgressBook['recordingOf'];
  /** Of this process. */
  readonly pid: number;
  readonly remote?: RemoteCalls;
}

export function createLiveCalls({ log, clock, recordingOf, pid, remote }: LiveCallsOptions): LiveCalls {
  const hosts = new Map<string, CallHost>();
  const ownerOf = (id: string): CallOwner | undefined => {
    const host = hosts.get(id);
    return host ? { pid, epoch: host.epoch } : remote?.ownerOf(id);
  };
  return {
    add: (host) => void hosts.set(host.callKey, host),
    remove: (host) => void (hosts.get(host.callKey) === host && hosts.delete(host.callKey)),
    running: () => [...hosts.values()],
    list: async (options) =>
      (await log.calls(options)).map((summary) => {
        const owner = ownerOf(summary.callKey);
        return { ...summary, ...(owner && { owner }) };
      }),
    async get(id) {
      const host = hosts.get(id);
      const [summary, recording, remoteValue] = await Promise.all([
        log.summary(id),
        recordingOf?.(id),
        host ? undefined : remote?.valueOf(id),
      ]);
      if (!summary) return undefined;
      const owner = ownerOf(id);
      const value = host ? host.value() : remoteValue;
      return {
        ...summary,
        live: owner !== undefined,
        ...(owner && { owner }),
        ...(owner && value !== undefined && { value }),
        ...(recording && { recording }),
      };
    },
    entries: (id, options) => followLog(log, id, options),
    async command(id, command) {
      const host = hosts.get(id);
      if (host) return carryOut(host, command, clock.now());
      const told = await remote?.command(id, command);
      if (told) return told;
      const summary = await log.summary(id);
      if (!summary) return 'unknown';
      return summary.endedAt === undefined ? 'elsewhere' : 'ended';
    },
  };
}

function carryOut(host: CallHost, command: CallCommand, at: number): CommandOutcome {
  const { people } = host.context().agent;
  if (command.type === 'transfer' && !people.includes(command.to)) return { people };
  const event = eventOf(command, at);
  if (!host.can(event)) return 'untimely';
  host.send(event);
  return 'taken';
}

function eventOf(command: CallCommand, at: number): CallEvent {
  if (command.type === 'say') return { type: 'call.say', text: command.text, at };
  if (command.type === 'transfer') return { type: 'call.transfer', person: command.to, at };
  return { type: `call.${command.type}`, at };
}
