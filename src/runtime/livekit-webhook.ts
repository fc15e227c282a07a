import { z } from 'zod';
import { livekitEgress } from '../egress.ts';

// The parts of LiveKit's webhook body that are read here (protobuf JSON: camelCase, 64-bit integers as strings, default values
// left out). Unknown fields and unknown events pass: a newer server says more.
const text = z.string().min(1).max(1_000);
/** `sid` is of one life of the room: a restarted server gives another. */
const room = z.object({ name: text, sid: text.optional() });
const enumeration = z.union([z.string(), z.number()]);

const participant = z.object({
  sid: text,
  identity: text,
  /** Left out for a standard participant; SIP may come as its number, 3. */
  kind: enumeration.optional(),
  attributes: z.record(z.string(), z.string()).optional(),
  disconnectReason: enumeration.optional(),
});

const any = z.object({ event: text, id: text });
const ofParticipant = z.object({
  event: z.enum(['participant_joined', 'participant_left']),
  id: text,
  room,
  participant,
});
/** Somebody joined, and was gone before there was sound. */
const ofAborted = z
  .object({ event: z.literal('participant_connection_aborted'), id: text, room, participant })
  .transform(({ participant: aborted, ...rest }) => ({ ...rest, aborted }));
const ofRoom = z.object({ event: z.enum(['room_started', 'room_finished']), id: text, room });

const egressEvents = ['egress_started', 'egress_updated', 'egress_ended'] as const;
const ofEgress = z.object({
  event: z.enum(egressEvents),
  id: text,
  egressInfo: livekitEgress,
});

export type WebhookParticipant = z.output<typeof participant>;
export type ParticipantWebhook = z.output<typeof ofParticipant>;
export type AbortedWebhook = z.output<typeof ofAborted>;
export type RoomWebhook = z.output<typeof ofRoom>;
export type EgressWebhook = z.output<typeof ofEgress>;
export type LivekitWebhook = ParticipantWebhook | AbortedWebhook | RoomWebhook | EgressWebhook | z.output<typeof any>;

/** A field that cannot be read: its path, and what it should be. */
export interface UnreadableField {
  readonly field: string;
  readonly message: string;
}

/** Reads a webhook's body; only events that are acted upon must be whole. */
export function readWebhook(body: unknown): LivekitWebhook | UnreadableField {
  const head = any.safeParse(body);
  const parsed = head.success ? schemaOf(head.data.event).safeParse(body) : head;
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return { field: issue?.path.join('.') || 'body', message: issue?.message ?? 'unreadable' };
}

function schemaOf(event: string) {
  if (event === 'participant_connection_aborted') return ofAborted;
  if (event === 'room_started' || event === 'room_finished') return ofRoom;
  if (egressEvents.some((each) => each === event)) return ofEgress;
  return event === 'participant_joined' || event === 'participant_left' ? ofParticipant : any;
}

export const isParticipantWebhook = (webhook: LivekitWebhook): webhook is ParticipantWebhook =>
  'participant' in webhook;
export const isAbortedJoin = (webhook: LivekitWebhook): webhook is AbortedWebhook => 'aborted' in webhook;
export const isRoomWebhook = (webhook: LivekitWebhook): webhook is RoomWebhook =>
  webhook.event === 'room_started' || webhook.event === 'room_finished';
export const isRoomFinished = (webhook: LivekitWebhook): webhook is RoomWebhook => webhook.event === 'room_finished';
export const isEgressWebhook = (webhook: LivekitWebhook): webhook is EgressWebhook => 'egressInfo' in webhook;
