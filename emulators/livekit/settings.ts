import { z } from 'zod';

const ms = z.number().min(0).max(600_000);
const sipStatus = z.int().min(300).max(699);

/**
 * What a called number does. `answer`; `refuse` with `status` (SIP, default 486); `ring` until somebody decides; `nothing`: no
 * answer to the INVITE at all; `no_tcp`: nobody listens at the trunk's address.
 */
const callee = z.strictObject({
  does: z.enum(['answer', 'refuse', 'ring', 'nothing', 'no_tcp']).default('answer'),
  status: sipStatus.default(486),
  /** Of the final answer; default the usual phrase. */
  reason: z.string().min(1).optional(),
  /** A `180 Ringing` first; default as callees do: before 486, 480, 600, 603 and an answer. */
  rings: z.boolean().optional(),
  /** From the INVITE to the final answer. */
  afterMs: ms.default(300),
  /** The callee hangs up so long after it answered. */
  hangUpAfterMs: ms.optional(),
});

/**
 * What follows a REFER to a target: `accept` (202, then NOTIFY 200 after `afterMs`), `refuse` (`status` to the REFER itself, default 603),
 * `fail` (202, then NOTIFY with `status`), `nothing` (no NOTIFY).
 */
const transfer = z.strictObject({
  does: z.enum(['accept', 'refuse', 'fail', 'nothing']).default('accept'),
  status: sipStatus.optional(),
  reason: z.string().min(1).optional(),
  afterMs: ms.default(300),
  /** The phone hangs up by itself so long after; else the gateway does, 1 s later. */
  hangUpAfterMs: ms.optional(),
});

/**
 * What becomes of a recording. `record` until it is stopped; `fail_at_start` (never ACTIVE) and `fail` (`afterMs` after ACTIVE) with `error`;
 * `abort`: no start signal; `limit`: the session's limit, `afterMs` after ACTIVE; `hang`: the API never answers, as after a crash;
 * `no_worker`: nobody takes it, 503 after `apiMs` (default 21 s).
 */
const recording = z.strictObject({
  does: z.enum(['record', 'fail_at_start', 'fail', 'abort', 'limit', 'hang', 'no_worker']).default('record'),
  /** Until the API answers; default 550, and 3 s to whoever ends what is over. */
  apiMs: ms.optional(),
  /** From the request until ACTIVE; default 600, for a participant 3,300, and up to 30 s for who or what is not there yet. */
  activeMs: ms.optional(),
  /** From the stop until COMPLETE; default 50, for a WebSocket 2,800. */
  completeMs: ms.optional(),
  afterMs: ms.default(500),
  error: z.string().min(1).default('could not create element: faac'),
});

/**
 * What becomes of an address that is pulled: `play` (until `endsAfterMs`, where that is said), `break` (`afterMs` later, with `error`), `busy`: 429 at
 * creation.
 */
const pull = z.strictObject({
  does: z.enum(['play', 'break', 'busy']).default('play'),
  endsAfterMs: ms.optional(),
  afterMs: ms.default(300),
  error: z.string().min(1).default('Internal data stream error'),
});

/** Knobs of the front: `POST /settings` at its control address. */
export const settingsShape = z.object({
  /** Callees by number. */
  callees: z.record(z.string(), callee).default({}),
  /** Every other number. */
  callee: callee.default(callee.parse({})),
  /** Targets of transfers, as `tel:+1555` or `sip:desk@pbx`. */
  transfers: z.record(z.string(), transfer).default({}),
  /** Every other target. */
  transfer: transfer.default(transfer.parse({})),
  /** Recordings by room; of web pages: `''`. */
  recordings: z.record(z.string(), recording).default({}),
  /** Every other recording. */
  recording: recording.default(recording.parse({})),
  /** Sources of streams by URL. */
  pulls: z.record(z.string(), pull).default({}),
  /** Every other source. */
  pull: pull.default(pull.parse({})),
  /** Where streamers are sent: the server's `ingress.rtmp_base_url` and `whip_base_url`. */
  rtmpUrl: z.string().default('rtmp://127.0.0.1:1935/live'),
  whipUrl: z.string().default('http://127.0.0.1:8080/w'),
});

export type LiveKitFrontSettings = z.infer<typeof settingsShape>;
/** As they may be given: what is not said has a default. */
export type LiveKitFrontSettingsInput = z.input<typeof settingsShape>;
export type Callee = z.infer<typeof callee>;
export type Transfer = z.infer<typeof transfer>;
export type Recording = z.infer<typeof recording>;
export type Pull = z.infer<typeof pull>;
