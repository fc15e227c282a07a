import type { Clock } from '../clock.ts';
import type { CallEvent } from '../machines/call/events.ts';
import type { CallHost } from './call-host.ts';
import type { CallLog } from './call-log.ts';
import type { CallCommand, Calls, CommandOutcome } from './calls.ts';
import type { EgressBook } from './egress-book.ts';
import { followLog } from './follow-log.ts';

/** The calls of this instance as the door sees them, and the set of hosts that run here. */
export interface LiveCalls extends Calls {
  add(host: CallHost): void;
  remove(host: CallHost): void;
  running(): readonly CallHost[];
}

interface LiveCallsOptions {
  readonly log: CallLog;
  readonly clock: Clock;
  readonly recordingOf?: EgressBook['recordingOf'];
}

export function createLiveCalls({ log, clock, recordingOf }: LiveCallsOptions): LiveCalls {
  const hosts = new Map<string, CallHost>();
  return {
    add: (host) => void hosts.set(host.callKey, host),
    remove: (host) => void (hosts.get(host.callKey) === host && hosts.delete(host.callKey)),
    running: () => [...hosts.values()],
    list: (options) => log.calls(options),
    async get(id) {
      const [summary, recording] = await Promise.all([log.summary(id), recordingOf?.(id)]);
      const host = hosts.get(id);
      if (!summary) return undefined;
      return {
        ...summary,
        live: host !== undefined,
        ...(host && { value: host.value() }),
        ...(recording && { recording }),
      };
    },
    entries: (id, options) => followLog(log, id, options),
    async command(id, command) {
      const host = hosts.get(id);
      if (host) return carryOut(host, command, clock.now());
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
