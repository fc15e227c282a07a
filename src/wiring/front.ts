import type { CallLog } from '../runtime/call-log.ts';
import type { CallQueue } from '../runtime/call-queue.ts';
import type { CallStore } from '../runtime/call-store.ts';
import type { DialStore } from '../runtime/dial-store.ts';
import type { EgressBook } from '../runtime/egress-book.ts';
import { createIntake, type Intake } from '../runtime/intake.ts';
import { tellingJoins } from '../runtime/joins.ts';
import { createOutbound, type Outbound } from '../runtime/outbound.ts';
import { createRoomGate, type RoomGate } from '../runtime/room-admission.ts';
import type { RoomCensus } from '../runtime/room-census.ts';
import type { HostedTokenDesk } from '../runtime/token-desk.ts';
import { witnessing } from '../runtime/witness.ts';
import type { Care } from './care.ts';
import type { InstanceOptions } from './instance.ts';

export interface FrontParts {
  readonly stores: { readonly store: CallStore; readonly log: CallLog; readonly dials: DialStore };
  readonly queue: CallQueue;
  readonly egresses: EgressBook;
  readonly tokens: HostedTokenDesk;
  readonly care: Care;
  readonly census: RoomCensus;
  /** Aborts when the instance takes no new calls. */
  readonly stopping: AbortSignal;
}

/** Where calls come from: callers whom LiveKit tells of, and orders to call somebody. */
export interface Front {
  readonly intake: Intake;
  readonly outbound: Outbound;
  /** Whether LiveKit told this instance, lately, that a room began. */
  saw(room: string): boolean;
}

export function openFront(options: InstanceOptions, parts: FrontParts): Front {
  const { config, clock } = options;
  const places = createRoomGate(parts.census, config.roomLimits, clock);
  const gate = parts.care.security.callers(places);
  const mail = intakeBehind(gate, options, parts);
  return {
    ...witnessing(parts.care.security.intake(tellingJoins(mail, parts.tokens))),
    outbound: parts.care.security.outbound(outboundBehind(gate, options, parts)),
  };
}

const intakeBehind = (
  gate: RoomGate,
  { config, lines: { participants }, clock, log }: InstanceOptions,
  { stores: { store }, queue, egresses }: FrontParts,
): Intake =>
  createIntake({
    gate,
    refused: (callKey, why) => log.warn({ code: 'caller.no_place', callKey, why }, 'a caller hears that we are busy'),
    notPutOut: (room, failure) =>
      log.warn({ code: 'caller.not_put_out', room, failure }, 'a caller could not be put out of the room yet'),
    store,
    queue,
    participants,
    egresses,
    roomPrefix: config.roomPrefix,
    clock,
  });

const outboundBehind = (
  gate: RoomGate,
  { config, agents, clock, log }: InstanceOptions,
  { stores: { dials, log: callLog }, queue, stopping }: FrontParts,
): Outbound =>
  createOutbound({
    gate,
    config: config.outbound,
    agents: agents.map(({ name }) => name),
    roomPrefix: config.roomPrefix,
    dials,
    queue,
    log: callLog,
    clock,
    stopping,
    unlisted: (callKey, error) =>
      log.warn(
        { code: 'call.unlisted', callKey, error: String(error) },
        'a call out is not in the list before it is run',
      ),
  });
