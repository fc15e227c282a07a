import { createHash } from 'node:crypto';
import type { Failure } from '../../failure.ts';
import { isIn, perCall } from '../metrics/per-call.ts';
import type { CallNotice } from '../notices.ts';
import type { Span, Tracer } from './tracer.ts';

/** What is open of one call. */
interface OpenCall {
  span?: Span;
  turn?: Span;
  turns: number;
  /** By kind of work, or by the id of a tool's call. */
  readonly stages: Map<string, Span>;
  lastSoundAt?: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Work of a vendor: the event that begins it, those that end it, and its name in OpenTelemetry's conventions for generative AI. */
const vendorWork = [
  {
    begins: 'model.requested',
    first: 'model.first_token',
    ends: ['model.finished', 'model.tools', 'model.failed'],
    operation: 'chat',
  },
  {
    begins: 'voice.requested',
    first: 'voice.first_audio',
    ends: ['voice.done', 'voice.failed'],
    operation: 'text_to_speech',
  },
] as const;

/** A caller's last sound counts for a turn that is decided within this time. */
const longestTurnEndMs = 5_000;

/** Turns what calls tell into spans: call → turn → stage. Neither speech nor numbers are in them; a call is named by a digest. */
export function foldTraces(tracer: Tracer): (notice: CallNotice) => void {
  const calls = perCall<OpenCall>(() => ({ turns: 0, stages: new Map() }));

  return ({ call, draft }) => {
    const open = calls.of(call.callKey);
    const { at } = draft;
    if (draft.kind === 'call' && (draft.data.what === 'started' || draft.data.what === 'restored'))
      open.span = tracer.begin({ name: `invoke_agent ${call.agent}`, at, attributes: facts(call) });
    else if (draft.kind === 'call' && draft.data.what === 'ended') {
      endTurn(open, at);
      open.span?.set({ 'voicechart.call.turns': open.turns, 'voicechart.call.outcome': draft.data.why });
      open.span?.end(at, draft.data.why === 'crashed' ? 'crashed' : undefined);
      calls.forget(call.callKey);
    } else if (draft.kind === 'state' && draft.data.machine === 'call') moved(tracer, open, draft.data['active'], at);
    else if (draft.kind === 'turn') measured(tracer, open, draft.data, at);
    else if (draft.kind === 'event') happened(tracer, open, draft.data, at);
  };
}

const facts = ({ callKey, agent, epoch }: CallNotice['call']) => ({
  'gen_ai.operation.name': 'invoke_agent',
  'gen_ai.agent.name': agent,
  'gen_ai.conversation.id': createHash('sha256').update(callKey).digest('base64url').slice(0, 16),
  'voicechart.call.epoch': epoch,
});

/** The agent has the floor, or is about to. */
const isTurn = (active: unknown): boolean =>
  isIn(active, 'replying') || isIn(active, 'opening') || isIn(active, 'closing');

function moved(tracer: Tracer, open: OpenCall, active: unknown, at: number): void {
  if (!isTurn(active)) return endTurn(open, at);
  if (open.turn || !open.span) return;
  const { lastSoundAt } = open;
  const since = lastSoundAt !== undefined && at - lastSoundAt < longestTurnEndMs ? lastSoundAt : at;
  open.turn = tracer.begin({ name: 'turn', at: since, attributes: {}, within: open.span });
}

function endTurn(open: OpenCall, at: number): void {
  for (const stage of open.stages.values()) stage.end(at, 'cut');
  open.stages.clear();
  open.turn?.end(at);
  delete open.turn;
}

/** The first sound of the turn has left us: what came before it is known. */
function measured(tracer: Tracer, open: OpenCall, data: Fields, at: number): void {
  const { turn, ...timings } = data;
  open.turns += 1;
  const named = Object.entries(timings).flatMap(([name, ms]) =>
    typeof ms === 'number' ? [[`voicechart.turn.${name}`, ms]] : [],
  );
  open.turn?.set({ 'voicechart.turn.number': Number(turn), ...Object.fromEntries(named) });
  const { replyMs, endOfTurnMs } = timings;
  if (typeof replyMs !== 'number' || typeof endOfTurnMs !== 'number' || endOfTurnMs < 0 || !open.turn) return;
  const from = at - replyMs;
  tracer.begin({ name: 'end_of_turn', at: from, attributes: {}, within: open.turn }).end(from + endOfTurnMs);
}

function happened(tracer: Tracer, open: OpenCall, data: { readonly type: string } & Fields, at: number): void {
  const { type } = data;
  if (type === 'caller.voice_stopped') open.lastSoundAt = at - Number(data['quietMs'] ?? 0);
  if (!open.turn) return;
  for (const work of vendorWork) vendorStage(tracer, open, work, data, at);
  if (type === 'tool.started') {
    const name = String(data['name']);
    const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
    begin(tracer, open, String(data['id']), { name: `execute_tool ${name}`, at, attributes });
  }
  if (type === 'tool.finished') end(open, String(data['id']), at, data['ok'] === false ? 'failed' : undefined);
}

function vendorStage(
  tracer: Tracer,
  open: OpenCall,
  { begins, first, ends, operation }: (typeof vendorWork)[number],
  data: { readonly type: string } & Fields,
  at: number,
): void {
  if (data.type === begins) {
    const vendor = String(data['vendor'] ?? 'unknown');
    const attributes = { 'gen_ai.operation.name': operation, 'gen_ai.provider.name': vendor };
    end(open, operation, at, 'given up');
    begin(tracer, open, operation, { name: `${operation} ${vendor}`, at, attributes });
  }
  if (data.type === first) open.stages.get(operation)?.set({ 'voicechart.first_result_at': at });
  if ((ends as readonly string[]).includes(data.type)) end(open, operation, at, failureOf(data['failure']));
}

const failureOf = (failure: unknown): string | undefined => {
  const { class: kind, sub } = (failure ?? {}) as Partial<Failure>;
  return kind && (sub ? `${kind}.${sub}` : kind);
};

function begin(
  tracer: Tracer,
  open: OpenCall,
  key: string,
  work: Omit<Parameters<Tracer['begin']>[0], 'within'>,
): void {
  if (open.turn) open.stages.set(key, tracer.begin({ ...work, within: open.turn }));
}

function end(open: OpenCall, key: string, at: number, failed: string | undefined): void {
  open.stages.get(key)?.end(at, failed);
  open.stages.delete(key);
}
