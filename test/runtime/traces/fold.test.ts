import { describe, expect, it } from 'vitest';
import type { LogDraft } from '../../../src/runtime/call-log.ts';
import { foldTraces } from '../../../src/runtime/traces/fold.ts';
import type { Span, Tracer } from '../../../src/runtime/traces/tracer.ts';

interface Told {
  readonly name: string;
  readonly within: string | undefined;
  readonly from: number;
  to?: number;
  failed?: string;
  attributes: Record<string, unknown>;
}

function fakeTracer(): Tracer & { readonly spans: Told[] } {
  const spans: Told[] = [];
  const names = new WeakMap<Span, string>();
  return {
    spans,
    begin({ name, at, attributes, within }) {
      const told: Told = { name, within: within && names.get(within), from: at, attributes: { ...attributes } };
      spans.push(told);
      const span: Span = {
        set: (more) => void Object.assign(told.attributes, more),
        end(to, failed) {
          if (told.to !== undefined) throw new Error(`${name} ended twice`);
          Object.assign(told, { to }, failed === undefined ? {} : { failed });
        },
      };
      names.set(span, name);
      return span;
    },
  };
}

const call = { callKey: 'voice-ai-call-1~+15550123456', room: 'voice-ai-call-1', epoch: 1, agent: 'hotel' };
const event = (at: number, type: string, data: object = {}): LogDraft => ({
  at,
  kind: 'event',
  data: { to: 'call', type, ...data },
});
const state = (at: number, ...active: string[]): LogDraft => ({
  at,
  kind: 'state',
  data: { machine: 'call', value: {}, active },
});
const replying = 'call.live.conversation.talking.replying.thinking.confirmed';
const listening = 'call.live.conversation.talking.listening.quiet';

function traced(...drafts: LogDraft[]) {
  const tracer = fakeTracer();
  const see = foldTraces(tracer);
  for (const draft of drafts) see({ call, draft });
  return tracer.spans;
}

const started: LogDraft = { at: 0, kind: 'call', data: { what: 'started', room: call.room } };
const ended: LogDraft = { at: 9000, kind: 'call', data: { what: 'ended', why: 'caller hung up' } };

describe('D5.3 traces of a call', () => {
  it('hold the call, its turns, and in them the end of turn, model, tool and voice with their times', () => {
    const spans = traced(
      started,
      state(10, listening),
      event(1200, 'caller.voice_stopped', { quietMs: 200 }),
      state(1300, replying),
      event(1310, 'model.requested', { vendor: 'openai' }),
      event(1500, 'model.first_token'),
      event(1550, 'tool.started', { id: 'k1', name: 'room_price' }),
      event(1800, 'tool.finished', { id: 'k1', ok: false }),
      event(1900, 'model.finished'),
      event(1910, 'voice.requested', { vendor: 'cartesia' }),
      event(2000, 'voice.first_audio'),
      { at: 2050, kind: 'turn', data: { turn: 2, endOfTurnMs: 300, replyMs: 1050 } },
      event(2500, 'voice.done'),
      state(4000, listening),
      ended,
    );
    expect(spans).toEqual([
      {
        name: 'invoke_agent hotel',
        within: undefined,
        from: 0,
        to: 9000,
        attributes: {
          'gen_ai.operation.name': 'invoke_agent',
          'gen_ai.agent.name': 'hotel',
          'gen_ai.conversation.id': expect.stringMatching(/^[\w-]{16}$/),
          'voicechart.call.epoch': 1,
          'voicechart.call.turns': 1,
          'voicechart.call.outcome': 'caller hung up',
        },
      },
      {
        name: 'turn',
        within: 'invoke_agent hotel',
        from: 1000,
        to: 4000,
        attributes: {
          'voicechart.turn.number': 2,
          'voicechart.turn.endOfTurnMs': 300,
          'voicechart.turn.replyMs': 1050,
        },
      },
      expect.objectContaining({ name: 'chat openai', within: 'turn', from: 1310, to: 1900 }),
      expect.objectContaining({ name: 'execute_tool room_price', from: 1550, to: 1800, failed: 'failed' }),
      expect.objectContaining({
        name: 'text_to_speech cartesia',
        from: 1910,
        to: 2500,
        attributes: {
          'gen_ai.operation.name': 'text_to_speech',
          'gen_ai.provider.name': 'cartesia',
          'voicechart.first_result_at': 2000,
        },
      }),
      expect.objectContaining({ name: 'end_of_turn', within: 'turn', from: 1000, to: 1300 }),
    ]);
  });

  it('tell a vendor that failed and the one that took over, and what was cut with its turn', () => {
    const spans = traced(
      started,
      state(100, replying),
      event(110, 'model.requested', { vendor: 'openai' }),
      event(200, 'model.failed', { failure: { class: 'api', sub: 'rate', message: 'for +15550123456' } }),
      event(210, 'model.requested', { vendor: 'groq' }),
      state(300, listening),
      ended,
    );
    const models = spans.filter(({ name }) => name.startsWith('chat'));
    expect(models).toMatchObject([
      { name: 'chat openai', to: 200, failed: 'api.rate' },
      { name: 'chat groq', to: 300, failed: 'cut' },
    ]);
  });

  it('leave nothing open, whatever comes in whatever order, and never hold a number or a word', () => {
    const spans = traced(
      event(5, 'model.requested', { vendor: 'openai' }),
      started,
      state(10, replying),
      event(11, 'voice.requested', { vendor: 'cartesia', text: 'a secret sentence' }),
      state(12, replying),
      event(13, 'voice.requested', { vendor: 'openai' }),
      event(14, 'tool.finished', { id: 'unknown' }),
      { at: 15, kind: 'turn', data: { turn: 1 } },
      { ...ended, data: { what: 'ended', why: 'crashed' } } as LogDraft,
    );
    expect(spans.every(({ to }) => to !== undefined)).toBe(true);
    expect(spans.map(({ name, failed }) => [name, failed])).toEqual([
      ['invoke_agent hotel', 'crashed'],
      ['turn', undefined],
      ['text_to_speech cartesia', 'given up'],
      ['text_to_speech openai', 'cut'],
    ]);
    expect(JSON.stringify(spans)).not.toMatch(/secret sentence|15550123456/);
  });
});
