import { z } from 'zod';
import type { RecorderFact, RecordingWish } from '../../actors/record.ts';
import { type VendorName, vendorNames } from '../../config.ts';
import type { Posture } from '../../posture.ts';
import type { CallCommand, CommandOutcome } from '../calls.ts';
import type { LineLook } from '../line-look.ts';
import type { CallNotice, Sighting } from '../notices.ts';

/** One claim of one call: a worker may have a call again before it has quite let go of it. */
export interface ClaimName {
  readonly callKey: string;
  readonly epoch: number;
}

export const keyOf = ({ callKey, epoch }: ClaimName): string => `${epoch} ${callKey}`;

/** Which key of a vendor's is in use, from 0. */
export interface VendorKey {
  readonly vendor: VendorName;
  readonly place: number;
}

/** When a claim was last sure, ms since 1970. */
export type Confirmed = ClaimName & { readonly at: number };

/** What an instance tells a process that runs calls for it. */
export type ToWorker =
  | {
      readonly type: 'run';
      readonly claim: Confirmed & { readonly crashes: number; readonly attempt: number };
    }
  | { readonly type: 'confirmed'; readonly claims: readonly Confirmed[] }
  /** The claim is lost, or given up. */
  | ({ readonly type: 'lost' } & ClaimName)
  | { readonly type: 'posture'; readonly posture: Posture }
  /** Connections to a vendor are to be made anew, by the key of this place of its setting. */
  | ({ readonly type: 'vendor_key' } & VendorKey)
  | { readonly type: 'ask'; readonly id: number; readonly callKey: string; readonly command?: CallCommand }
  /** Of the recording of a call. */
  | { readonly type: 'recorder'; readonly callKey: string; readonly fact: RecorderFact }
  /** All its calls go on elsewhere, between two turns where they can. */
  | { readonly type: 'hand_over' }
  /** It lets go of its calls and ends. */
  | { readonly type: 'leave' };

/** What calls tell, beside the voice path. */
export interface Told {
  readonly notices: readonly CallNotice[];
  readonly looks: readonly LineLook[];
  readonly sightings: readonly Sighting[];
}

/** What a process that runs calls tells its instance. */
export type FromWorker =
  /** `failsafe`: what new callers would hear in failsafe mode. */
  | { readonly type: 'ready'; readonly failsafe?: string }
  | { readonly type: 'pulse'; readonly rssBytes: number; readonly cpuMs: number }
  | ({ readonly type: 'told' } & Told)
  | ({
      readonly type: 'settled';
      readonly handedOver: boolean;
      /** Left out when the handler did its work. */
      readonly error?: string;
    } & ClaimName)
  | { readonly type: 'answer'; readonly id: number; readonly value?: unknown; readonly outcome?: CommandOutcome }
  | {
      readonly type: 'record';
      readonly callKey: string;
      readonly room: string;
      readonly wish: RecordingWish;
    }
  /** Follows its recording no more; it goes on. */
  | { readonly type: 'record_left'; readonly callKey: string }
  | { readonly type: 'record_stop'; readonly callKey: string; readonly room: string }
  | { readonly type: 'call_over'; readonly callKey: string };

const name = { callKey: z.string(), epoch: z.int() };
const list = <Item>() => z.array(z.custom<Item>((item) => typeof item === 'object' && item !== null)).readonly();
const some = <Type>() => z.custom<Type>((value) => typeof value === 'object' && value !== null);

const toWorker = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    claim: z.object({ ...name, at: z.number(), crashes: z.int(), attempt: z.int() }),
  }),
  z.object({ type: z.literal('confirmed'), claims: z.array(z.object({ ...name, at: z.number() })).readonly() }),
  z.object({ type: z.literal('lost'), ...name }),
  z.object({ type: z.literal('posture'), posture: some<Posture>() }),
  z.object({ type: z.literal('vendor_key'), vendor: z.enum(vendorNames), place: z.int() }),
  z.object({ type: z.literal('ask'), id: z.int(), callKey: z.string(), command: some<CallCommand>().optional() }),
  z.object({ type: z.literal('recorder'), callKey: z.string(), fact: some<RecorderFact>() }),
  z.object({ type: z.literal('hand_over') }),
  z.object({ type: z.literal('leave') }),
]);

const fromWorker = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), failsafe: z.string().optional() }),
  z.object({ type: z.literal('pulse'), rssBytes: z.number(), cpuMs: z.number() }),
  z.object({
    type: z.literal('told'),
    notices: list<CallNotice>(),
    looks: list<LineLook>(),
    sightings: list<Sighting>(),
  }),
  z.object({ type: z.literal('settled'), ...name, handedOver: z.boolean(), error: z.string().optional() }),
  z.object({
    type: z.literal('answer'),
    id: z.int(),
    value: z.unknown().optional(),
    outcome: z.custom<CommandOutcome>((value) => typeof value === 'string' || typeof value === 'object').optional(),
  }),
  z.object({ type: z.literal('record'), callKey: z.string(), room: z.string(), wish: some<RecordingWish>() }),
  z.object({ type: z.literal('record_left'), callKey: z.string() }),
  z.object({ type: z.literal('record_stop'), callKey: z.string(), room: z.string() }),
  z.object({ type: z.literal('call_over'), callKey: z.string() }),
]);

/** Nothing when it is no message of ours. */
export const readToWorker = (message: unknown): ToWorker | undefined => read(toWorker, message) as ToWorker | undefined;
export const readFromWorker = (message: unknown): FromWorker | undefined =>
  read(fromWorker, message) as FromWorker | undefined;

const read = <Message>(schema: z.ZodType<Message>, message: unknown): Message | undefined =>
  schema.safeParse(message).data;
