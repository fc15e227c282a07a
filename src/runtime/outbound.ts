import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { OutboundConfig } from '../config.ts';
import { callKeyOf } from './call-key.ts';
import type { CallLog } from './call-log.ts';
import type { CallQueue } from './call-queue.ts';
import type { DialOrder } from './call-store.ts';
import type { DialStore } from './dial-store.ts';
import type { RoomGate } from './room-admission.ts';
import { createWaitingLine } from './waiting-line.ts';

export interface OutboundRequest {
  /** Who asks, and their own name for what they ask: the same one is the same call. */
  readonly name: string;
  readonly agent: string;
  /** E.164. */
  readonly to: string;
  readonly from?: string | undefined;
  /** Whole seconds. */
  readonly ringMs: number;
  /** For the agent: anything JSON holds. */
  readonly input?: unknown;
}

/** A call out, or why there is none. */
export type OutboundAnswer =
  | { readonly is: 'dialing'; readonly callKey: string }
  /** Nobody may be called. */
  | { readonly is: 'off' }
  | { readonly is: 'not_allowed'; readonly allow: readonly string[] }
  | { readonly is: 'agent_unknown'; readonly agents: readonly string[] }
  /** A premium number, which no one entry of what is allowed means. */
  | { readonly is: 'premium'; readonly prefix: string }
  /** Too many calls went to such numbers lately. */
  | { readonly is: 'blocked'; readonly prefix: string; readonly retryAfterMs: number }
  /** The same name came with another request. */
  | { readonly is: 'other' }
  /** No more rooms may be open. */
  | { readonly is: 'full'; readonly why: string }
  | { readonly is: 'busy'; readonly concurrent: number }
  | { readonly is: 'spent'; readonly minutes: number; readonly retryAfterMs: number };

export interface Outbound {
  /** Resolves when the call is stored, and will be run; it is dialled once, whatever happens. Safe to repeat. */
  call(request: OutboundRequest): Promise<OutboundAnswer>;
}

export interface OutboundOptions {
  /** Left out: nobody is called. */
  readonly config?: OutboundConfig | undefined;
  readonly agents: readonly string[];
  /** Asked before a room is to be made; left out: all may. */
  readonly gate?: RoomGate;
  readonly roomPrefix: string;
  readonly dials: DialStore;
  readonly queue: Pick<CallQueue, 'enqueue'>;
  readonly log: CallLog;
  readonly clock: Clock;
  /** Aborts when the instance closes: the next one finds what waits. */
  readonly stopping: AbortSignal;
  /** Told that a call could not be shown in the list before it is run; it is run all the same. */
  readonly unlisted: (callKey: string, error: unknown) => void;
}

const dayMs = 86_400_000;

/** Takes orders for calls out: who may be called, and how much, is settled before anything is done. */
export function createOutbound(options: OutboundOptions): Outbound {
  const { config, agents, dials, clock } = options;
  const queued = createWaitingLine(options);
  return {
    async call({ name, ...request }) {
      if (!config) return { is: 'off' };
      const { allow, concurrent, dailyMinutes } = config;
      if (!allow.some((prefix) => request.to.startsWith(prefix))) return { is: 'not_allowed', allow };
      if (!agents.includes(request.agent)) return { is: 'agent_unknown', agents };
      const dayStartsAt = clock.now() - (clock.now() % dayMs);
      const limits = { concurrent, dailyMs: dailyMinutes * 60_000, dayStartsAt };
      const { callKey, order } = orderOf(options.roomPrefix, name, request);
      const why = await options.gate?.(order.room);
      if (why !== undefined) return { is: 'full', why };
      const ordering = await dials.order({ callKey, order, fingerprint: digest(JSON.stringify(order)) }, limits);
      if (ordering === 'other') return { is: 'other' };
      if (ordering === 'busy') return { is: 'busy', concurrent };
      if (ordering === 'spent')
        return { is: 'spent', minutes: dailyMinutes, retryAfterMs: dayStartsAt + dayMs - clock.now() };
      if (ordering === 'ordered') await show(options, callKey, order);
      // Also when it is known: the process may have died between storing and asking.
      await queued(callKey);
      return { is: 'dialing', callKey };
    },
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Named by who asked for it, so that it exists before a gateway has a name for it, and once. */
function orderOf(roomPrefix: string, name: string, { agent, to, from, ringMs, input }: Omit<OutboundRequest, 'name'>) {
  const id = digest(name).slice(0, 16);
  const room = `${roomPrefix}-out-${id}`;
  const order: DialOrder = {
    room,
    agent,
    to,
    ringMs,
    ...(from === undefined ? {} : { from }),
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
  };
  return { callKey: callKeyOf(room, `out-${id}`), order };
}

/** In the list of calls at once, before anybody runs it. */
async function show(options: OutboundOptions, callKey: string, { room, agent, to }: DialOrder): Promise<void> {
  const { log, clock, unlisted } = options;
  const data = { what: 'ordered', room, agent } as const;
  const entry = { at: clock.now(), kind: 'call', data, pii: { phone: to } } as const;
  await log.append(callKey, 0, [entry]).catch((error: unknown) => unlisted(callKey, error));
}
