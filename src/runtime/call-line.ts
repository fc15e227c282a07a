import type { Logger } from './log.ts';
import { isIn, perCall } from './metrics/per-call.ts';
import type { CallNotice } from './notices.ts';

/** What is counted of a call while it goes on. */
interface Tally {
  startedAt?: number;
  readonly replies: number[];
  turns: number;
  bargeIns: number;
  tools: number;
  toolsFailed: number;
  vendorFailures: number;
  reconnects: number;
  interrupted: boolean;
}

/** Replies of a call that are kept for its figures: enough for half an hour. */
const mostReplies = 500;

const fresh = (): Tally => ({
  replies: [],
  turns: 0,
  bargeIns: 0,
  tools: 0,
  toolsFailed: 0,
  vendorFailures: 0,
  reconnects: 0,
  interrupted: false,
});

/** Writes one line for each call when it is over here: its outcome and its figures, each in ms or a count. */
export function logCalls(log: Pick<Logger, 'info'>): (notice: CallNotice) => void {
  const calls = perCall(fresh);
  return ({ call, draft }) => {
    const tally = calls.of(call.callKey);
    if (draft.kind === 'call' && (draft.data.what === 'started' || draft.data.what === 'restored'))
      tally.startedAt = draft.at;
    if (draft.kind === 'turn') reply(tally, draft.data['replyMs']);
    if (draft.kind === 'event') count(tally, draft.data);
    if (draft.kind === 'state' && draft.data.machine === 'call') moved(tally, draft.data['active']);
    if (draft.kind !== 'call' || draft.data.what !== 'ended') return;
    calls.forget(call.callKey);
    log.info({ code: 'call.ended', ...call, outcome: draft.data.why, ...figures(tally, draft.at) }, 'a call is over');
  };
}

function reply(tally: Tally, replyMs: unknown): void {
  tally.turns += 1;
  if (typeof replyMs === 'number' && tally.replies.length < mostReplies) tally.replies.push(replyMs);
}

const vendorFailures = new Set(['stt.failed', 'model.failed', 'voice.failed']);

function count(tally: Tally, { type, ok }: { readonly type: string; readonly ok?: unknown }): void {
  if (vendorFailures.has(type)) tally.vendorFailures += 1;
  if (type === 'line.reconnecting' || type === 'line.failed') tally.reconnects += 1;
  if (type === 'tool.finished') tally.tools += 1;
  if (type === 'tool.finished' && ok === false) tally.toolsFailed += 1;
}

function moved(tally: Tally, active: unknown): void {
  const interrupted = isIn(active, 'bargeIn');
  if (interrupted && !tally.interrupted) tally.bargeIns += 1;
  tally.interrupted = interrupted;
}

function figures({ startedAt, replies, interrupted: _interrupted, ...counts }: Tally, at: number) {
  const sorted = replies.toSorted((a, b) => a - b);
  const of = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return {
    ...(startedAt === undefined ? {} : { tookMs: at - startedAt }),
    ...counts,
    ...(sorted.length === 0 ? {} : { replyP50Ms: of(0.5), replyP95Ms: of(0.95) }),
  };
}
